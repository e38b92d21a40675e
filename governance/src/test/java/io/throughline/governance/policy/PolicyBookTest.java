package io.throughline.governance.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ContactPolicyPublished;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The policies in force")
class PolicyBookTest {

    @Test
    @DisplayName("begin with those of a new installation")
    void beginning() {
        assertThat(PolicyBook.EMPTY.contactPolicy()).isEqualTo(ContactPolicy.initial());
        assertThat(PolicyBook.EMPTY.conversions()).isEmpty();
    }

    @Test
    @DisplayName("do not go back where an older policy comes once more")
    void again() {
        ContactPolicyPublished older = new ContactPolicyPublished(policy(2), Instant.EPOCH);
        PolicyBook book =
                PolicyBook.EMPTY
                        .with(older)
                        .with(new ContactPolicyPublished(policy(3), Instant.EPOCH.plusMillis(1)))
                        .with(older);

        assertThat(book.contactPolicy().version()).isEqualTo(3);
    }

    @Test
    @DisplayName("are the newest contact policy and the newest rules of each journey")
    void newest() {
        PolicyBook book =
                PolicyBook.EMPTY
                        .with(new ContactPolicyPublished(policy(2), Instant.EPOCH))
                        .with(rules("welcome", 1, "Signed Up"))
                        .with(rules("cart", 1, "Order Completed"))
                        .with(rules("cart", 2, "Order Paid"))
                        .with(new ContactPolicyPublished(policy(3), Instant.EPOCH));

        assertThat(book.contactPolicy().version()).isEqualTo(3);
        assertThat(book.conversions())
                .extracting(ConversionRulesPublished::journey, ConversionRulesPublished::version)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("cart", 2),
                        org.assertj.core.groups.Tuple.tuple("welcome", 1));
    }

    @Test
    @DisplayName("forget an archived journey's rules")
    void archived() {
        PolicyBook book =
                PolicyBook.EMPTY
                        .with(rules("cart", 1, "Order Completed"))
                        .with(new ConversionRulesPublished("cart", 1, List.of(), Instant.EPOCH));
        assertThat(book.conversions()).isEmpty();
    }

    @Test
    @DisplayName("have been caught up with once the end seen at the start was read")
    void caughtUp() {
        CatchUp catchUp = new CatchUp();
        assertThat(catchUp.done()).isFalse();
        catchUp.assigned(0, 0, 0);
        assertThat(catchUp.done()).isTrue();
        catchUp.assigned(1, 2, 5);
        assertThat(catchUp.done()).isFalse();
        assertThat(catchUp.missing()).contains("1");
        catchUp.read(1, 3);
        catchUp.read(0, 9);
        assertThat(catchUp.done()).isFalse();
        catchUp.read(1, 4);
        assertThat(catchUp.done()).isTrue();
    }

    private static ConversionRulesPublished rules(String journey, int version, String on) {
        return new ConversionRulesPublished(
                journey,
                version,
                List.of(new ConversionRule(on, null, null, null, null, SilenceScope.ALL_JOURNEYS)),
                Instant.EPOCH);
    }

    private static ContactPolicy policy(int version) {
        return new ContactPolicy(
                version, List.of(), null, null, "UTC", Map.of(), Set.of(), List.of());
    }
}
