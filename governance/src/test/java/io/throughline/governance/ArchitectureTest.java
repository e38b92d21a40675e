package io.throughline.governance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final String[] FRAMEWORKS = {
        "io.quarkus..",
        "io.vertx..",
        "org.apache.kafka..",
        "jakarta..",
        "java.sql..",
        "org.eclipse.microprofile..",
        "org.jboss.."
    };

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.throughline.governance");

    @Test
    @DisplayName("the vocabulary, the rules and the twin know no framework")
    void pureWithoutFrameworks() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.throughline.governance",
                        "io.throughline.governance.rules",
                        "io.throughline.governance.explanation",
                        "io.throughline.governance.memory")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FRAMEWORKS)
                .check(classes);
    }

    @Test
    @DisplayName("rules and the twin's state machine do not even know that answers may come later")
    void pureWithoutMutiny() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.throughline.governance.rules",
                        "io.throughline.governance.explanation",
                        "io.throughline.governance.memory")
                .and()
                .doNotHaveSimpleName("InMemoryContactGate")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.smallrye..")
                .check(classes);
    }

    @Test
    @DisplayName("nothing pure reads a clock")
    void noClock() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.throughline.governance",
                        "io.throughline.governance.rules",
                        "io.throughline.governance.memory")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(classes);
    }

    @Test
    @DisplayName("what decides depends on nothing that talks")
    void inwards() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.throughline.governance",
                        "io.throughline.governance.rules",
                        "io.throughline.governance.memory")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.throughline.governance.redis", "io.throughline.governance.policy")
                .check(classes);
    }
}
