package io.throughline.journey;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Definition, engine, choice, dry run and preview are pure: no framework, no I/O, no clock. */
class PureCoreTest {

    private static final String[] CORE = {
        "io.throughline.journey.definition..",
        "io.throughline.journey.arbitration..",
        "io.throughline.journey.engine..",
        "io.throughline.journey.choice..",
        "io.throughline.journey.dryrun..",
        "io.throughline.journey.preview.."
    };

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.journey");

    @Test
    void theCoreKnowsNoFramework() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..",
                        "io.vertx..",
                        "io.smallrye..",
                        "org.apache.kafka..",
                        "jakarta..",
                        "java.sql..",
                        "org.hibernate..",
                        "java.net..",
                        "java.util.concurrent..")
                .check(classes);
    }

    @Test
    void theCoreKnowsNothingOfTheShell() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.journey.store..",
                        "io.throughline.journey.stream..",
                        "io.throughline.journey.http..",
                        "io.throughline.journey.timer..",
                        "io.throughline.journey.policy..",
                        "io.throughline.journey.simulation..")
                .check(classes);
    }

    @Test
    void theCoreReadsNoClockAndNoRandomness() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(classes);
    }

    @Test
    void thePackagesOfTheCoreDependOnEachOtherOneWay() {
        slices().matching(
                        "io.throughline.journey.(definition|arbitration|engine|choice|dryrun|preview)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }
}
