package io.throughline.attribution.explanation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The smallest change that would have let a message pass the rule that refused it. The gate stops
 * at that rule, so a later one may still have refused.
 */
final class Turning {

    private static final String CONSENT = "consent";
    private static final String ADDRESS = "address";

    private Turning() {}

    /** In words, as in "allowed from …"; absent where nothing was refused. */
    static @Nullable String of(@Nullable Channel channel, List<Verdict> verdicts) {
        Optional<Verdict> refused = Sentence.refusing(verdicts);
        return refused.map(verdict -> of(channel, verdict)).orElse(null);
    }

    private static @Nullable String of(@Nullable Channel channel, Verdict refused) {
        Integer count = refused.count();
        Integer limit = refused.limit();
        if (count != null && limit != null && limit > 0) {
            return fewer(count - limit + 1, refused) + from(", or ", refused.retryAt());
        }
        if (refused.rule().equals(CONSENT) || refused.rule().equals(ADDRESS)) {
            return "consent" + (channel == null ? "" : " for " + Sentence.name(channel));
        }
        String later = from("", refused.retryAt());
        return later.isEmpty() ? null : later;
    }

    private static String fewer(int contacts, Verdict refused) {
        String what = contacts == 1 ? " contact fewer " : " contacts fewer ";
        return contacts + what + Sentence.span(refused);
    }

    private static String from(String before, @Nullable Instant at) {
        return at == null ? "" : before + "allowed from " + at;
    }
}
