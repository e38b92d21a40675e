package io.throughline.governance.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.policy.ContactPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Who follows the policies")
class FollowersTest {

    private final Map<String, PoliciesFollower> all = new TreeMap<>();
    private final Followers followers = new Followers(() -> all);

    private final Following first = new Following();
    private final Following second = new Following();

    FollowersTest() {
        all.put("first", first);
        all.put("second", second);
    }

    private static final class Following implements PoliciesFollower {

        private final List<Integer> taken = new ArrayList<>();
        private int refusals;

        @Override
        public void follow(PoliciesChanged change) {
            if (refusals > 0) {
                refusals--;
                throw new IllegalStateException("too hard");
            }
            taken.add(change.contactPolicy().version());
        }
    }

    @Test
    @DisplayName("hears of what is new though another could not take it")
    void eachByItself() {
        first.refusals = 1;

        followers.tell(change(2));

        assertThat(second.taken).containsExactly(2);
        assertThat(followers.behind())
                .containsOnlyKeys("first")
                .hasEntrySatisfying("first", why -> assertThat(why).contains("2", "too hard"));
    }

    @Test
    @DisplayName("is told again where it failed, and nobody else is")
    void again() {
        first.refusals = 2;
        followers.tell(change(2));

        followers.tellAgain();
        assertThat(followers.behind()).containsOnlyKeys("first");
        followers.tellAgain();

        assertThat(followers.behind()).isEmpty();
        assertThat(first.taken).containsExactly(2);
        assertThat(second.taken).containsExactly(2);
    }

    @Test
    @DisplayName("is never told again of what is older than what it took")
    void newest() {
        first.refusals = 1;
        followers.tell(change(2));

        followers.tell(change(3));
        followers.tellAgain();

        assertThat(first.taken).containsExactly(3);
        assertThat(followers.behind()).isEmpty();
    }

    private static PoliciesChanged change(int version) {
        return new PoliciesChanged(
                new ContactPolicy(
                        version,
                        List.of(
                                new ContactPolicy.Cap(
                                        ContactPolicy.Scope.GLOBAL, null, 1, Duration.ofDays(1))),
                        null,
                        null,
                        "UTC",
                        Map.of(),
                        Set.of(),
                        List.of()),
                List.of());
    }
}
