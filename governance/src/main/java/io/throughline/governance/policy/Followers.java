package io.throughline.governance.policy;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Tells everybody who follows the policies of a change, each by itself: one that fails keeps nobody
 * else from what is new, and is told again until it has taken it.
 */
final class Followers {

    private static final Logger LOG = Logger.getLogger(Followers.class);

    private final Supplier<Map<String, PoliciesFollower>> all;

    /** What each of those has not taken yet. */
    private final Map<String, Missed> missed = new ConcurrentSkipListMap<>();

    private record Missed(PoliciesChanged change, String failure) {}

    /**
     * @param all by their names, asked each time that something changes
     */
    Followers(Supplier<Map<String, PoliciesFollower>> all) {
        this.all = all;
    }

    synchronized void tell(PoliciesChanged change) {
        all.get().forEach((name, follower) -> tell(name, follower, change));
    }

    /** Tells those again who failed. */
    synchronized void tellAgain() {
        Map<String, PoliciesFollower> known = all.get();
        Map.copyOf(missed)
                .forEach((name, what) -> {
                    PoliciesFollower follower = known.get(name);
                    if (follower != null) {
                        tell(name, follower, what.change());
                    }
                });
    }

    private void tell(String name, PoliciesFollower follower, PoliciesChanged change) {
        try {
            follower.follow(change);
        } catch (RuntimeException | StackOverflowError | LinkageError failure) {
            miss(name, change, failure);
            return;
        }
        if (missed.remove(name) != null) {
            LOG.infof("%s goes by contact policy %d now", name, version(change));
        }
    }

    /** Told to the log once for each change, however often it is tried. */
    private void miss(String name, PoliciesChanged change, Throwable failure) {
        Missed before = missed.put(name, new Missed(change, failure.toString()));
        if (before == null || !before.change().equals(change)) {
            LOG.errorf(
                    failure,
                    "%s cannot take contact policy %d and the conversion rules beside it, and goes"
                            + " by what it had; it is tried again, and the service is not ready"
                            + " meanwhile",
                    name,
                    version(change));
        }
    }

    private static int version(PoliciesChanged change) {
        return change.contactPolicy().version();
    }

    /** Why each of those failed that have not taken what is newest; for people. */
    Map<String, String> behind() {
        Map<String, String> behind = new TreeMap<>();
        missed.forEach((name, what) ->
                behind.put(
                        name,
                        "could not take contact policy "
                                + version(what.change())
                                + " and the conversion rules beside it: "
                                + what.failure()));
        return behind;
    }
}
