package io.throughline.identity.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.PermissionStore;
import io.throughline.local.testing.EmbeddedInfrastructure;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An opt-in on its way from the ledger to the gate, and what may happen before it gets there. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class LooseningTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Provenance HERSELF = Provenance.of("test", null, "test");

    @Inject ConsentBook book;
    @Inject ConsentEnforcement enforcement;
    @Inject PermissionStore permissions;
    @Inject Separating separating;
    @Inject Transactions transactions;
    @Inject ContactGate gate;

    private Identifier one = Identifier.of("user_id:one");
    private Identifier other = Identifier.of("email:other@example.com");

    @BeforeEach
    void somebodyElse() {
        String who = UUID.randomUUID().toString();
        one = Identifier.of("user_id:u-" + who);
        other = Identifier.of("email:" + who + "@example.com");
    }

    @Test
    void anOptInThatIsLateDoesNotUndoTheOptOutThatAMergeKept() {
        CustomerId ana =
                Objects.requireNonNull(
                        done(book.take(said(one, ConsentState.OPTED_OUT))).customer());
        Consent optIn = committed(whoHas(other), other);
        assertThat(done(separating.link(ana, other, "test"))).isNotNull();
        CustomerId both = whoHas(other);
        assertThat(both).isEqualTo(whoHas(one));
        known(both);

        done(enforcement.loosen(List.of(optIn)));

        assertThat(reasonFor(both)).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    @Test
    void anOptInIsInForceOnceItIsGiven() {
        CustomerId bea = whoHas(other);
        Consent optIn = committed(bea, other);
        known(bea);

        done(enforcement.loosen(List.of(optIn)));

        assertThat(reasonFor(bea)).isNull();
    }

    @Test
    void ofTwoWordsThatAreSaidAtOneTimeTheSecondCounts() {
        CustomerId bea = whoHas(other);
        known(bea);
        Statement in = said(other, ConsentState.OPTED_IN);
        Statement out = said(other, ConsentState.OPTED_OUT);

        List<Consent> stopped = done(book.take(List.of(in, out)));
        assertThat(reasonFor(bea)).isEqualTo(SuppressionReason.OPTED_OUT);
        List<Consent> back = done(book.take(List.of(out, in)));
        assertThat(reasonFor(bea)).isNull();

        assertThat(Stream.of(stopped, back).flatMap(List::stream).map(Consent::at))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    /** Stored and told nobody: no other reader brings it to the gate. */
    private Consent committed(CustomerId customer, Identifier identifier) {
        Consent optIn =
                new Consent(
                        customer,
                        identifier,
                        Channel.EMAIL,
                        null,
                        ConsentState.OPTED_IN,
                        identifier.value(),
                        HERSELF,
                        Instant.now().truncatedTo(ChronoUnit.MILLIS).plusMillis(5));
        done(transactions.inTransaction(tx -> permissions.record(tx, List.of(optIn))));
        return optIn;
    }

    private CustomerId whoHas(Identifier identifier) {
        return done(
                book.aboutOwner(
                        identifier, HERSELF, (tx, customer) -> Uni.createFrom().item(customer)));
    }

    private static Statement said(Identifier identifier, ConsentState state) {
        return new Statement(identifier, Channel.EMAIL, null, state, HERSELF);
    }

    /** To the gate, which has what was said of her so far apart from what is not given yet. */
    private void known(CustomerId customer) {
        done(
                gate.hydrate(
                        List.of(
                                new CustomerHistory.Permissions(
                                        customer, List.of(), List.of(), null, List.of()),
                                new CustomerHistory.Contacts(customer, List.of()))));
    }

    private @Nullable SuppressionReason reasonFor(CustomerId customer) {
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.EMAIL,
                        Category.MARKETING,
                        null,
                        "cart",
                        other.value());
        return switch (done(gate.peek(List.of(request), ContactPolicy.initial())).getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }

    private static <T extends @Nullable Object> T done(Uni<T> work) {
        return work.await().atMost(SOON);
    }
}
