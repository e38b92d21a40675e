package io.throughline.identity;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final String[] PURE = {
        "io.throughline.identity.identifier",
        "io.throughline.identity.tracking",
        "io.throughline.identity.resolution",
        "io.throughline.identity.profile",
        "io.throughline.identity.conversion",
        "io.throughline.identity.source",
        "io.throughline.identity.catalogue",
        "io.throughline.identity.consent",
        "io.throughline.identity.preference",
        "io.throughline.identity.imports",
        "io.throughline.identity.segment",
        "io.throughline.identity.erasure",
        "io.throughline.identity.engagement",
        "io.throughline.identity.whereabouts"
    };

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.identity");

    @Test
    void theCoreIsPure() {
        classes()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.crypto..",
                        "org.jspecify..",
                        "com.fasterxml.jackson..",
                        "com.google.i18n.phonenumbers..",
                        "com.google.re2j..",
                        "io.throughline.contracts..",
                        "io.throughline.governance",
                        "io.throughline.governance.rules",
                        "io.throughline.chassis.expression",
                        "io.throughline.identity.identifier",
                        "io.throughline.identity.tracking",
                        "io.throughline.identity.resolution",
                        "io.throughline.identity.profile",
                        "io.throughline.identity.conversion",
                        "io.throughline.identity.source",
                        "io.throughline.identity.catalogue",
                        "io.throughline.identity.consent",
                        "io.throughline.identity.preference",
                        "io.throughline.identity.imports",
                        "io.throughline.identity.segment",
                        "io.throughline.identity.erasure",
                        "io.throughline.identity.engagement",
                        "io.throughline.identity.whereabouts")
                .check(classes);
    }

    @Test
    void theCoreReadsNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(classes);
    }

    @Test
    void onlyTheStoreSpeaksSql() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .or()
                .resideInAPackage("io.throughline.identity.http")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx.mutiny.sqlclient..", "io.vertx.sqlclient..")
                .check(classes);
    }

    @Test
    void theServiceIsNotReachedFromWithin() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.throughline.identity.http")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.throughline.identity.http")
                .check(classes);
    }
}
