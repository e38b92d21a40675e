package io.throughline.channel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The channel service's packages")
class ArchitectureTest {

    private static final String[] PURE = {
        "io.throughline.channel.delivery..",
        "io.throughline.channel.keyword..",
        "io.throughline.channel.link..",
        "io.throughline.channel.template.."
    };

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.throughline.channel");

    @Test
    void thatArePureKnowNoFramework() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..",
                        "io.vertx..",
                        "io.smallrye..",
                        "org.apache.kafka..",
                        "jakarta..",
                        "java.sql..")
                .check(classes);
    }

    @Test
    void thatArePureReadNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(classes);
    }

    @Test
    void thatAreAdaptersKnowNothingOfTheLedgerOrTheGate() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.throughline.channel.email..",
                        "io.throughline.channel.sms..",
                        "io.throughline.channel.route..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.governance..",
                        "io.throughline.channel.store..",
                        "io.throughline.channel.dispatch..",
                        "io.throughline.channel.http..")
                .check(classes);
    }

    @Test
    void thatDispatchMessagesReachTheDatabaseThroughTheLedgerOnly() {
        noClasses()
                .that()
                .haveSimpleName("Dispatcher")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.channel.store..", "io.quarkus..", "io.vertx..", "jakarta..")
                .check(classes);
    }
}
