package io.throughline.attribution;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final String[] PURE = {
        "io.throughline.attribution.credit",
        "io.throughline.attribution.lift",
        "io.throughline.attribution.touch",
        "io.throughline.attribution.conversion",
        "io.throughline.attribution.explanation",
        "io.throughline.attribution.suppression"
    };

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.attribution");

    @Test
    void theCoreIsPure() {
        classes()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.hipparchus..",
                        "io.throughline.contracts..",
                        "io.throughline.chassis.expression",
                        "io.throughline.governance.explanation",
                        "io.throughline.attribution.credit",
                        "io.throughline.attribution.lift",
                        "io.throughline.attribution.touch",
                        "io.throughline.attribution.conversion",
                        "io.throughline.attribution.explanation",
                        "io.throughline.attribution.suppression")
                .check(classes);
    }

    @Test
    void theCoreReadsNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(classes);
    }

    @Test
    void theStoreKnowsNeitherStreamsNorHttp() {
        noClasses()
                .that()
                .resideInAPackage("io.throughline.attribution.store")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.attribution.stream",
                        "io.throughline.attribution.http",
                        "io.throughline.chassis.stream",
                        "io.throughline.chassis.http")
                .check(classes);
    }
}
