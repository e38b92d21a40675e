package io.throughline.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.throughline.local");

    @Test
    void infrastructureSimulatorsAndGatewayKnowNothingOfTheLauncher() {
        noClasses()
                .that()
                .resideInAnyPackage("..infrastructure..", "..simulators..", "..gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..launcher..", "..testing..")
                .check(classes);
    }

    @Test
    void theRoutingTableIsPure() {
        noClasses()
                .that()
                .haveNameMatching(".*RoutingTable.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "java.net.http..", "java.io..")
                .check(classes);
    }

    @Test
    void onlyTheTestingPackageKnowsQuarkus() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..testing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..")
                .check(classes);
    }
}
