package io.throughline.chassis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.chassis");

    @Test
    void theChassisKnowsNoWordOfTheDomain() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.contracts.customer..",
                        "io.throughline.contracts.message..",
                        "io.throughline.contracts.decision..",
                        "io.throughline.contracts.policy..",
                        "io.throughline.contracts.ingest..",
                        "io.throughline.governance..")
                .check(classes);
    }

    @Test
    void expressionsArePure() {
        classes()
                .that()
                .resideInAPackage("io.throughline.chassis.expression")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "dev.cel..",
                        "com.google.common.collect",
                        "io.throughline.chassis.expression")
                .check(classes);
    }
}
