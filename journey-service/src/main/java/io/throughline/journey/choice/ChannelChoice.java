package io.throughline.journey.choice;

import io.throughline.contracts.Channel;
import io.throughline.contracts.decision.DecisionEvent.Option;
import io.throughline.contracts.message.SuppressionReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of several channels a message goes on: the one with the best smoothed engagement rate among
 * those that can be reached now. Deterministic, so the recorded propensity of the chosen one is 1;
 * a policy that explores comes later and records its own.
 *
 * @param ranked the feasible channels, best first; empty where none is
 * @param options every channel considered, the feasible ones first, best first
 */
public record ChannelChoice(List<Channel> ranked, List<Option> options) {

    public ChannelChoice {
        ranked = List.copyOf(ranked);
        options = List.copyOf(options);
    }

    /**
     * @param infeasible why it cannot be chosen; absent where it can
     */
    public record Candidate(
            Channel channel, Engagement engagement, @Nullable SuppressionReason infeasible) {}

    /**
     * @param candidates in the order in which the document names them, which breaks ties
     */
    public static ChannelChoice among(List<Candidate> candidates) {
        List<Candidate> byRank = new ArrayList<>(candidates);
        byRank.sort(
                Comparator.<Candidate>comparingInt(c -> c.infeasible() == null ? 0 : 1)
                        .thenComparing(c -> c.engagement().rate(), Comparator.reverseOrder()));
        List<Channel> ranked =
                byRank.stream()
                        .filter(c -> c.infeasible() == null)
                        .map(Candidate::channel)
                        .toList();
        List<Option> options = new ArrayList<>();
        for (Candidate candidate : byRank) {
            boolean chosen = !ranked.isEmpty() && candidate.channel() == ranked.getFirst();
            options.add(
                    new Option(
                            candidate.channel(),
                            candidate.engagement().rate(),
                            chosen ? 1 : 0,
                            candidate.infeasible()));
        }
        return new ChannelChoice(ranked, options);
    }
}
