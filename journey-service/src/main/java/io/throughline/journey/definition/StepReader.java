package io.throughline.journey.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.contracts.Channel;
import io.throughline.journey.definition.Parsed.Flaw;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the steps of a document, and steps within steps. */
final class StepReader {

    static final int MAX_STEPS = 500;
    static final int MAX_DEPTH = 10;

    private static final Set<String> WORDS = Set.of("wait", "wait-for", "send", "branch", "exit");
    private static final String EXPECTED = "a list of steps";
    private static final Pattern TEMPLATE_KEY = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final Pattern REASON = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final String BEST = "best";

    private final List<Flaw> flaws;
    private int count;

    StepReader(List<Flaw> flaws) {
        this.flaws = flaws;
    }

    /** The document's own steps, at least one. */
    List<Step> steps(Fields root) {
        List<Step> steps = required(root, "steps", 1);
        if (count > MAX_STEPS) {
            root.flaw("steps", "expected at most " + MAX_STEPS + " steps, was " + count);
        }
        return steps;
    }

    private List<Step> required(Fields fields, String key, int depth) {
        return fields.requires(key, EXPECTED) ? list(fields, key, depth) : List.of();
    }

    private List<Step> list(Fields fields, String key, int depth) {
        List<JsonNode> items = fields.items(key, EXPECTED);
        if (fields.raw(key).isArray() && items.isEmpty()) {
            fields.flaw(fields.at(key), "expected at least one step");
        }
        if (depth > MAX_DEPTH) {
            fields.flaw(
                    fields.at(key), "expected steps nested at most " + MAX_DEPTH + " levels deep");
            return List.of();
        }
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Step step = step(items.get(i), fields.at(key) + "[" + i + "]", depth);
            if (step != null) {
                steps.add(step);
            }
        }
        return steps;
    }

    /** Null only where a flaw says why. */
    private @Nullable Step step(JsonNode item, String path, int depth) {
        count++;
        if (!item.isObject() || item.size() != 1) {
            flaws.add(
                    new Flaw(
                            path,
                            "expected an object with exactly one of "
                                    + Fields.listed(WORDS)
                                    + ", was "
                                    + (item.isObject()
                                            ? "one with " + item.size() + " keys"
                                            : Fields.shown(item))));
            return null;
        }
        String word = item.fieldNames().next();
        Fields holder = new Fields(item, path, Set.of(word), flaws);
        return switch (word) {
            case "wait" -> waitStep(holder);
            case "wait-for" -> waitFor(item.get(word), path + "." + word, depth);
            case "send" -> send(item.get(word), path + "." + word, depth);
            case "branch" -> branch(holder, depth);
            case "exit" -> exit(holder);
            default -> {
                flaws.add(
                        new Flaw(
                                path + "." + word,
                                "unknown step '"
                                        + word
                                        + "', expected one of "
                                        + Fields.listed(WORDS)));
                yield null;
            }
        };
    }

    private static @Nullable Step waitStep(Fields holder) {
        Duration duration = holder.duration("wait");
        return duration == null ? null : new Step.Wait(duration);
    }

    private static @Nullable Step exit(Fields holder) {
        String reason =
                holder.matching(
                        "exit", REASON, "a reason of lower-case letters, digits and hyphens");
        return reason == null ? null : new Step.Exit(reason);
    }

    private @Nullable Step waitFor(JsonNode node, String path, int depth) {
        Fields fields =
                new Fields(node, path, Set.of("on", "when", "timeout", "then", "else"), flaws);
        String on = fields.requiredName("on", "the name of a track event");
        String when = fields.condition("when", JourneyDocument.VARIABLES);
        fields.requires("timeout", Durations.EXPECTED);
        Duration timeout = fields.duration("timeout");
        List<Step> then = list(fields, "then", depth + 1);
        List<Step> otherwise = list(fields, "else", depth + 1);
        return on == null || timeout == null
                ? null
                : new Step.WaitFor(on, when, timeout, then, otherwise);
    }

    private @Nullable Step send(JsonNode node, String path, int depth) {
        Fields fields =
                new Fields(
                        node,
                        path,
                        Set.of(
                                "channel",
                                "among",
                                "template",
                                "at",
                                "within",
                                "unless-denied",
                                "value",
                                "on-displaced"),
                        flaws);
        Step.Via by = via(fields);
        String templateExpected =
                "a template key of lower-case letters, digits, dots, hyphens and underscores";
        fields.requires("template", templateExpected);
        String template = fields.matching("template", TEMPLATE_KEY, templateExpected);
        refuseSendTime(fields);
        Duration within = fields.duration("within");
        List<Step> unlessDenied = unlessDenied(fields, depth);
        BigDecimal value = fields.amount("value");
        OnDisplaced onDisplaced = fields.word("on-displaced", "defer or drop", OnDisplaced::of);
        return by == null || template == null
                ? null
                : new Step.Send(
                        by,
                        template,
                        Objects.requireNonNullElse(within, Step.Send.DEFAULT_WITHIN),
                        unlessDenied,
                        value,
                        onDisplaced);
    }

    private Step.@Nullable Via via(Fields fields) {
        String expected = "best or one of " + channels();
        fields.requires("channel", expected);
        String channel = fields.text("channel", expected);
        if (channel == null) {
            return null;
        }
        if (channel.equals(BEST)) {
            fields.requires("among", "a list of channels to choose from, in order of preference");
            List<Channel> among = among(fields);
            return among.isEmpty() ? null : new Step.Via.Best(among);
        }
        if (fields.has("among")) {
            fields.flaw(fields.at("among"), "only goes with channel: best");
        }
        Channel known = Channel.parse(channel).orElse(null);
        if (known == null) {
            fields.flaw(
                    fields.at("channel"),
                    "unknown channel '" + channel + "', expected " + expected);
            return null;
        }
        return new Step.Via.Fixed(known);
    }

    private static List<Channel> among(Fields fields) {
        List<JsonNode> items = fields.items("among", "a list of channels");
        if (fields.raw("among").isArray() && items.isEmpty()) {
            fields.flaw(fields.at("among"), "expected at least one channel");
        }
        List<Channel> among = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String at = fields.at("among") + "[" + i + "]";
            Channel channel = Channel.parse(items.get(i).asText()).orElse(null);
            if (channel == null || !items.get(i).isTextual()) {
                fields.flaw(
                        at,
                        "expected one of " + channels() + ", was " + Fields.shown(items.get(i)));
            } else if (among.contains(channel)) {
                fields.flaw(at, "stands twice");
            } else {
                among.add(channel);
            }
        }
        return among;
    }

    /** Refused rather than ignored: a send time that is not kept would be a lie. */
    private static void refuseSendTime(Fields fields) {
        if (!fields.has("at")) {
            return;
        }
        fields.flaw(
                fields.at("at"),
                BEST.equals(fields.raw("at").asText())
                        ? "send-time optimisation is not built yet; leave it out and the message goes as soon as the step is reached"
                        : "expected best, which is not built yet; was "
                                + Fields.shown(fields.raw("at")));
    }

    private List<Step> unlessDenied(Fields fields, int depth) {
        if (!fields.has("unless-denied")) {
            return List.of();
        }
        Fields nested =
                new Fields(
                        fields.raw("unless-denied"),
                        fields.at("unless-denied"),
                        Set.of("then"),
                        flaws);
        return required(nested, "then", depth + 1);
    }

    private @Nullable Step branch(Fields holder, int depth) {
        List<JsonNode> items =
                holder.items("branch", "a list of {when, then}, the last may be {else}");
        String path = holder.at("branch");
        if (holder.raw("branch").isArray() && items.isEmpty()) {
            holder.flaw(path, "expected at least one {when, then}");
        }
        List<Step.Arm> arms = new ArrayList<>();
        List<Step> otherwise = List.of();
        for (int i = 0; i < items.size(); i++) {
            boolean last = i > 0 && i == items.size() - 1;
            String at = path + "[" + i + "]";
            if (last && items.get(i).has("else")) {
                otherwise =
                        list(
                                new Fields(items.get(i), at, Set.of("else"), flaws),
                                "else",
                                depth + 1);
            } else {
                Step.Arm arm = arm(items.get(i), at, depth);
                if (arm != null) {
                    arms.add(arm);
                }
            }
        }
        return new Step.Branch(arms, otherwise);
    }

    private Step.@Nullable Arm arm(JsonNode item, String path, int depth) {
        Fields fields = new Fields(item, path, Set.of("when", "then"), flaws);
        fields.requires("when", "a CEL expression; only the last item may have else in its place");
        String when = fields.condition("when", JourneyDocument.VARIABLES);
        List<Step> then = required(fields, "then", depth + 1);
        return when == null ? null : new Step.Arm(when, then);
    }

    private static String channels() {
        List<String> words = new ArrayList<>();
        for (Channel channel : Channel.values()) {
            words.add(channel.word());
        }
        return String.join(", ", words);
    }
}
