package io.throughline.identity.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.ChangeStore;
import io.throughline.identity.store.CustomerStore;
import io.throughline.identity.store.ResolutionStore;
import io.throughline.identity.store.RuleStore;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process that has just started and has not read the rules of who is who yet. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class RulesNotReadYetTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject Transactions transactions;
    @Inject RuleStore store;
    @Inject Recurring recurring;
    @Inject ResolutionStore resolution;
    @Inject ChangeStore changes;
    @Inject Resolving.Telling telling;
    @Inject Enforcement enforcement;
    @Inject Births births;
    @Inject InstantSource clock;
    @Inject CustomerStore customers;
    @Inject ErasedBefore erased;
    @Inject Silencing silencing;
    @Inject Conversions conversions;
    @Inject DenyingAhead ahead;

    private AcceptedEvent event = event("nobody");

    @BeforeEach
    void somebodyElse() {
        event = event(UUID.randomUUID().toString());
    }

    @Test
    void nothingIsDecidedAndNothingIsTakenUntilTheyAreRead() {
        await().atMost(SOON).until(conversions::areKnown);
        Rules rules = new Rules(store, recurring);
        Resolving resolving =
                new Resolving(
                        resolution,
                        changes,
                        telling,
                        enforcement,
                        new Resolving.Deciding(births, rules, clock));
        AtTheDoor door =
                new AtTheDoor(
                        transactions, customers, erased, resolving, silencing, conversions, ahead);
        RulesReadiness readiness = new RulesReadiness(rules);

        assertThat(readiness.call().getStatus()).isEqualTo(Status.DOWN);
        assertThatThrownBy(() -> owner(resolving)).matches(Faults::passes);
        assertThatThrownBy(() -> door.settle(List.of(event)).await().atMost(SOON))
                .hasMessageContaining("have not been read yet");

        rules.refresh().await().atMost(SOON);

        assertThat(readiness.call().getStatus()).isEqualTo(Status.UP);
        door.settle(List.of(event)).await().atMost(SOON);
        assertThat(owner(resolving)).isEqualTo(owner(resolving));
    }

    private CustomerId owner(Resolving resolving) {
        return transactions
                .inTransaction(tx -> resolving.owner(tx, Statement.linksOf(event)))
                .await()
                .atMost(SOON);
    }

    private static AcceptedEvent event(String who) {
        Instant now = Instant.parse("2026-11-23T10:00:00Z");
        return new AcceptedEvent(
                "m-" + who,
                "shop",
                AcceptedEvent.Kind.IDENTIFY,
                null,
                List.of(
                        new Identifier(Identifier.USER_ID, "u-" + who),
                        new Identifier(Identifier.ANONYMOUS_ID, "a-" + who)),
                Map.of(),
                Map.of(),
                Map.of(),
                now,
                now,
                null,
                null);
    }
}
