package io.throughline.journey;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** How the shell hangs together. */
class ShellArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.journey");

    @Test
    void packagesDoNotDependOnEachOtherInACircle() {
        slices().matching("io.throughline.journey.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theCoreKnowsNothingOfTheShell() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "..definition..",
                        "..engine..",
                        "..choice..",
                        "..dryrun..",
                        "..preview..",
                        "..profile..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..journey.store..",
                        "..journey.stream..",
                        "..journey.timer..",
                        "..journey.http..",
                        "..journey.conversation..",
                        "..journey.simulation..",
                        "..journey.neighbour..")
                .check(CLASSES);
    }

    @Test
    void profilesAreAPureProjection() {
        noClasses()
                .that()
                .resideInAPackage("..journey.profile..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..",
                        "io.vertx..",
                        "io.smallrye..",
                        "jakarta..",
                        "org.apache.kafka..",
                        "java.sql..")
                .check(CLASSES);
    }

    @Test
    void onlyTheStoreSpeaksSql() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..journey.store..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.vertx.mutiny.sqlclient.Tuple")
                .check(CLASSES);
    }
}
