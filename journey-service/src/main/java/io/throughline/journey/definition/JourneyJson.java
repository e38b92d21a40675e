package io.throughline.journey.definition;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.throughline.contracts.Category;
import io.throughline.contracts.policy.SilenceScope;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a document as canonical JSON: keys in the order of the reference, defaults left out. */
final class JourneyJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JourneyJson() {}

    static String write(JourneyDocument document) {
        ObjectNode root = NODES.objectNode();
        root.put("journey", document.journey());
        root.put("category", document.category().word());
        putText(root, "topic", document.topic());
        if (document.priority() != JourneyDocument.DEFAULT_PRIORITY) {
            root.put("priority", document.priority());
        }
        putAmount(root, document.value());
        if (document.onDisplaced() != OnDisplaced.DEFER) {
            root.put("on-displaced", document.onDisplaced().word());
        }
        root.set("entry", entry(document.entry()));
        if (!document.exit().isEmpty()) {
            ArrayNode exits = root.putArray("exit");
            document.exit().forEach(exit -> exits.add(on(exit.on(), exit.when())));
        }
        if (document.goal() != null) {
            root.set("goal", goal(document.goal()));
        }
        if (document.holdout().signum() > 0) {
            root.put("holdout", document.holdout().toPlainString() + "%");
        }
        root.set("steps", steps(document.steps()));
        return root.toString();
    }

    private static ObjectNode entry(JourneyDocument.Entry entry) {
        ObjectNode node = on(entry.on(), entry.when());
        putDuration(node, "again-after", entry.againAfter());
        return node;
    }

    private static ObjectNode goal(JourneyDocument.Goal goal) {
        ObjectNode node = on(goal.on(), goal.when());
        putDuration(node, "within", goal.within());
        putText(node, "value", goal.value());
        putDuration(node, "silence", goal.silence());
        if (goal.covers() != SilenceScope.ALL_JOURNEYS) {
            node.put("covers", goal.covers().word());
        } else if (!goal.categories().isEmpty()) {
            ArrayNode categories = node.putObject("covers").putArray("categories");
            goal.categories().stream().map(Category::word).sorted().forEach(categories::add);
        }
        if (!goal.liftedBy().isEmpty()) {
            ArrayNode events = node.putArray("lifted-by");
            goal.liftedBy().forEach(events::add);
        }
        return node;
    }

    private static ArrayNode steps(List<Step> steps) {
        ArrayNode list = NODES.arrayNode();
        steps.forEach(step -> list.add(step(step)));
        return list;
    }

    private static ObjectNode step(Step step) {
        ObjectNode node = NODES.objectNode();
        switch (step) {
            case Step.Wait wait -> node.put(step.word(), Durations.write(wait.duration()));
            case Step.WaitFor waitFor -> node.set(step.word(), waitFor(waitFor));
            case Step.Send send -> node.set(step.word(), send(send));
            case Step.Branch branch -> node.set(step.word(), branch(branch));
            case Step.Exit exit -> node.put(step.word(), exit.reason());
        }
        return node;
    }

    private static ObjectNode waitFor(Step.WaitFor waitFor) {
        ObjectNode node = on(waitFor.on(), waitFor.when());
        putDuration(node, "timeout", waitFor.timeout());
        putSteps(node, "then", waitFor.then());
        putSteps(node, "else", waitFor.otherwise());
        return node;
    }

    private static ObjectNode send(Step.Send send) {
        ObjectNode node = NODES.objectNode();
        switch (send.by()) {
            case Step.Via.Fixed fixed -> node.put("channel", fixed.channel().word());
            case Step.Via.Best best -> {
                node.put("channel", "best");
                ArrayNode among = node.putArray("among");
                best.among().forEach(channel -> among.add(channel.word()));
            }
        }
        node.put("template", send.template());
        if (!send.within().equals(Step.Send.DEFAULT_WITHIN)) {
            putDuration(node, "within", send.within());
        }
        if (!send.unlessDenied().isEmpty()) {
            node.putObject("unless-denied").set("then", steps(send.unlessDenied()));
        }
        putAmount(node, send.value());
        putText(
                node,
                "on-displaced",
                send.onDisplaced() == null ? null : send.onDisplaced().word());
        return node;
    }

    private static ArrayNode branch(Step.Branch branch) {
        ArrayNode arms = NODES.arrayNode();
        for (Step.Arm arm : branch.arms()) {
            arms.addObject().put("when", arm.when()).set("then", steps(arm.then()));
        }
        if (!branch.otherwise().isEmpty()) {
            arms.addObject().set("else", steps(branch.otherwise()));
        }
        return arms;
    }

    private static ObjectNode on(String on, @Nullable String when) {
        ObjectNode node = NODES.objectNode().put("on", on);
        putText(node, "when", when);
        return node;
    }

    private static void putText(ObjectNode node, String key, @Nullable String text) {
        if (text != null) {
            node.put(key, text);
        }
    }

    private static void putAmount(ObjectNode node, @Nullable BigDecimal value) {
        if (value != null) {
            node.put("value", value.toPlainString());
        }
    }

    private static void putDuration(ObjectNode node, String key, @Nullable Duration duration) {
        if (duration != null) {
            node.put(key, Durations.write(duration));
        }
    }

    private static void putSteps(ObjectNode node, String key, List<Step> steps) {
        if (!steps.isEmpty()) {
            node.set(key, steps(steps));
        }
    }
}
