package io.throughline.attribution.explanation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy.Alike;
import io.throughline.contracts.policy.LimitName;
import io.throughline.governance.explanation.Wording;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decisions in plain English, one sentence each, for the person who asks why. */
final class Sentence {

    private Sentence() {}

    static String of(DecisionEvent event) {
        String journey = name(event.origin());
        return switch (event) {
            case DecisionEvent.Entered e -> "The customer entered " + journey + ".";
            case DecisionEvent.HeldOut e ->
                    "The customer qualified for "
                            + journey
                            + " and was held out, so that its effect can be measured: it sends nothing.";
            case DecisionEvent.GhostSend e ->
                    "The customer is held out of "
                            + journey
                            + "; otherwise template "
                            + e.template()
                            + " would have been asked for on "
                            + Wording.name(e.channel())
                            + ".";
            case DecisionEvent.ChannelChosen e -> chosen(e);
            case DecisionEvent.Deferred e ->
                    "The message was put off until "
                            + e.until()
                            + " because "
                            + because(e.reason(), refusing(e.verdicts()))
                            + ".";
            case DecisionEvent.Moved e -> moved(e);
            case DecisionEvent.Withheld e -> withheld(e, journey);
            case DecisionEvent.Displaced e -> displaced(e);
            case DecisionEvent.Excluded e ->
                    "The customer qualified for "
                            + journey
                            + " and was not let in, being in "
                            + name(e.by())
                            + ": of exclusion group "
                            + e.group()
                            + " a customer is in one journey at a time.";
            case DecisionEvent.Left e -> left(e, journey);
        };
    }

    static String of(MessageEvent.Suppressed event) {
        return "The "
                + noun(event.channel())
                + " was not sent because "
                + because(event.reason(), Verdict.refusing(event.verdicts()))
                + (event.retryAt() == null ? "." : "; it could pass from " + event.retryAt() + ".");
    }

    static String of(MessageEvent.Sent event) {
        return "The "
                + noun(event.channel())
                + " (template "
                + event.template()
                + ") was handed over by "
                + event.route()
                + ": "
                + allowed(event.verdicts());
    }

    static String of(MessageEvent.Unknown event) {
        return "It is not known whether the "
                + noun(event.channel())
                + " was handed over ("
                + event.detail()
                + "), so it is not sent again: "
                + allowed(event.verdicts());
    }

    static String of(MessageEvent.Failed event) {
        return "The "
                + noun(event.channel())
                + " was refused ("
                + event.code()
                + ", "
                + event.detail()
                + "): "
                + allowed(event.verdicts());
    }

    private static String allowed(@Nullable List<Verdict> verdicts) {
        if (verdicts == null || verdicts.isEmpty()) {
            return "no rule of the contact policy was recorded.";
        }
        Optional<Verdict> refusing = refusing(verdicts);
        if (refusing.isPresent()) {
            return "the contact policy's rule "
                    + refusing.get().rule()
                    + " was in its way by then.";
        }
        String counts =
                verdicts.stream()
                        .filter(v -> v.count() != null && v.limit() != null)
                        .map(v -> v.count() + " of " + v.limit() + " " + Wording.span(v))
                        .collect(Collectors.joining(", "));
        return "every rule of the contact policy allowed it"
                + (counts.isEmpty() ? "." : "; counted before it: " + counts + ".");
    }

    private static Optional<Verdict> refusing(@Nullable List<Verdict> verdicts) {
        return verdicts == null ? Optional.empty() : Verdict.refusing(verdicts);
    }

    private static String chosen(DecisionEvent.ChannelChosen event) {
        String others =
                event.options().stream()
                        .filter(o -> o.channel() != event.chosen())
                        .map(Sentence::option)
                        .collect(Collectors.joining("; "));
        String own =
                event.options().stream()
                        .filter(o -> o.channel() == event.chosen())
                        .map(o -> " (" + numbers(o) + ")")
                        .findFirst()
                        .orElse("");
        return capital(Wording.name(event.chosen()))
                + " was chosen"
                + own
                + (others.isEmpty() ? "." : "; " + others + ".");
    }

    private static String option(DecisionEvent.Option option) {
        SuppressionReason infeasible = option.infeasible();
        return infeasible == null
                ? Wording.name(option.channel()) + " was possible (" + numbers(option) + ")"
                : Wording.name(option.channel())
                        + " was not, because "
                        + because(infeasible, Optional.empty());
    }

    private static String numbers(DecisionEvent.Option option) {
        return String.format(
                Locale.ROOT, "score %.3f, probability %.2f", option.score(), option.probability());
    }

    private static String moved(DecisionEvent.Moved event) {
        Channel to = event.to();
        String why = because(event.reason(), refusing(event.verdicts()));
        return to == null
                ? "The journey took the step's other branch because "
                        + why
                        + " on "
                        + Wording.name(event.from())
                        + "."
                : "The message moved from "
                        + Wording.name(event.from())
                        + " to "
                        + Wording.name(to)
                        + " because "
                        + why
                        + ".";
    }

    private static String withheld(DecisionEvent.Withheld event, String journey) {
        Channel channel = event.channel();
        return capital(journey)
                + " asked for no message"
                + (channel == null ? "" : " on " + Wording.name(channel))
                + " because "
                + because(event.reason(), Verdict.refusing(event.verdicts()))
                + ".";
    }

    private static String displaced(DecisionEvent.Displaced event) {
        return "The "
                + noun(event.channel())
                + " gave way to "
                + name(event.by())
                + ", which comes first: "
                + event.count()
                + " of "
                + event.limit()
                + " were used under "
                + event.rule()
                + ", and "
                + event.planned()
                + " more important "
                + (event.planned() == 1 ? "contact was" : "contacts were")
                + " still to come. "
                + (event.until() == null
                        ? "The journey went on without it."
                        : "It is tried again at " + event.until() + ".");
    }

    private static String left(DecisionEvent.Left event, String journey) {
        String detail = event.detail() == null ? "" : " (" + event.detail() + ")";
        return switch (event.reason()) {
            case "completed" -> "The customer reached the end of " + journey + detail + ".";
            case "goal" -> "The customer reached the goal of " + journey + detail + " and left it.";
            case "exit-event" ->
                    "The customer left " + journey + " because an exit event came" + detail + ".";
            case "displaced" ->
                    "The customer left "
                            + journey
                            + " for a more important journey of its exclusion group"
                            + detail
                            + ".";
            case "exit-step" -> "The customer left " + journey + " at an exit step" + detail + ".";
            case "archived" ->
                    "The customer left " + journey + " because it was archived" + detail + ".";
            case "merged" ->
                    "The customer left "
                            + journey
                            + " because two profiles became one that was in it already"
                            + detail
                            + ".";
            default -> "The customer left " + journey + ": " + event.reason() + detail + ".";
        };
    }

    private static String because(SuppressionReason reason, Optional<Verdict> verdict) {
        return switch (reason) {
            case UNKNOWN_CUSTOMER -> "the contact gate did not know the customer";
            case NO_CONSENT -> "the customer has not consented to it";
            case OPTED_OUT -> "the customer has opted out";
            case ADDRESS_OPTED_OUT -> "the address has opted out";
            case SILENCED -> "a conversion silences messages for now";
            case QUIET_HOURS ->
                    "it is within quiet hours where the customer is"
                            + verdict.map(Verdict::where).map(w -> " (" + w + ")").orElse("");
            case MINIMUM_GAP ->
                    "the last contact is too recent" + verdict.map(Sentence::gap).orElse("");
            case JOURNEY_CAP -> "the journey's cap is reached" + counts(verdict);
            case CHANNEL_CAP -> "the channel's cap is reached" + counts(verdict);
            case GLOBAL_CAP ->
                    verdict.map(v -> LimitName.of(v.rule()))
                                    .filter(name -> name.alike() != Alike.ANY)
                                    .isPresent()
                            ? "a cap is reached" + counts(verdict)
                            : "the cap over all channels is reached" + counts(verdict);
            case WITHDRAWN -> "the journey had gone on without it";
            case DEADLINE_PASSED -> "its deadline had passed";
            case NO_ADDRESS -> "there is no address for it";
            case NO_ROUTE -> "no route is configured for the channel";
            case NO_CONTENT -> "its template is missing or cannot be rendered";
        };
    }

    private static String counts(Optional<Verdict> verdict) {
        return verdict.filter(v -> v.count() != null && v.limit() != null)
                .map(v ->
                        " ("
                                + v.count()
                                + " of "
                                + v.limit()
                                + " "
                                + Wording.span(v)
                                + tightened(v.tightened())
                                + ")")
                .orElse("");
    }

    /** As in ", tightened from 4: 6 contacts were ignored since 2026-11-02T09:00:00Z". */
    private static String tightened(Verdict.@Nullable Tightened by) {
        if (by == null) {
            return "";
        }
        String why =
                by.ignored() == null
                        ? "something else was opted out of at " + by.optedOutAt()
                        : Wording.plural(by.ignored(), "contact")
                                + (by.ignored() == 1 ? " was" : " were")
                                + " ignored"
                                + (by.engagedAt() == null ? "" : " since " + by.engagedAt());
        return ", tightened from " + by.from() + ": " + why;
    }

    private static String gap(Verdict verdict) {
        Duration window = verdict.window();
        return window == null ? "" : " (less than " + Wording.words(window) + " ago)";
    }

    private static String name(JourneyRef origin) {
        return "journey " + origin.journey() + " (version " + origin.version() + ")";
    }

    private static String noun(Channel channel) {
        return switch (channel) {
            case EMAIL, SMS -> Wording.name(channel);
            case WHATSAPP, PUSH, IN_APP -> Wording.name(channel) + " message";
        };
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }
}
