package io.throughline.channel.sms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SmsArchitectureTest {

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.channel.sms");

    @Test
    void theWireFormIsPure() {
        classes()
                .that()
                .resideInAPackage("io.throughline.channel.sms")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "com.cloudhopper.commons.charset",
                        "io.throughline.channel.route",
                        "io.throughline.channel.sms")
                .check(classes);
    }

    @Test
    void nothingHereReadsAClockThatIsNotGiven() {
        noClasses().should().callMethod(Instant.class, "now").check(classes);
    }

    @Test
    void theSessionKnowsItsRouteAndNothingElseOfTheService() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.channel.delivery..",
                        "io.throughline.channel.dispatch..",
                        "io.throughline.channel.store..",
                        "io.throughline.governance..")
                .check(classes);
    }
}
