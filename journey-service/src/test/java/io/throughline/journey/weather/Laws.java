package io.throughline.journey.weather;

import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.journey.engine.Program;
import io.throughline.journey.weather.World.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** What must hold of everything an engine committed, whatever the surroundings did. */
final class Laws {

    private final List<String> broken = new ArrayList<>();
    private final Set<MessageId> asked = new HashSet<>();
    private final Map<String, MessageId> lastOfStep = new HashMap<>();
    private final Map<MessageId, MessageEvent.OfMessage> firstReport = new HashMap<>();
    private final Set<UUID> entered = new HashSet<>();
    private final Set<UUID> heldOut = new HashSet<>();
    private final Set<UUID> left = new HashSet<>();
    private final Set<String> triggers = new HashSet<>();

    /** The laws that these facts break, each with the fact; empty where all hold. */
    static List<String> brokenBy(List<Fact> facts, List<Program> programs) {
        Laws laws = new Laws();
        facts.forEach(fact -> laws.check(fact, programs));
        laws.entered.stream()
                .filter(instance -> !laws.left.contains(instance))
                .forEach(instance -> laws.broken.add("every instance leaves: " + instance));
        return laws.broken;
    }

    private void check(Fact fact, List<Program> programs) {
        switch (fact) {
            case Fact.Asked asking -> checkAsked(asking);
            case Fact.Decided(DecisionEvent decision) -> checkDecision(decision);
            case Fact.Processed processed -> checkEnded(processed, programs);
            case Fact.Reported(MessageEvent.OfMessage report) ->
                    firstReport.putIfAbsent(report.message(), report);
        }
    }

    private void checkAsked(Fact.Asked asking) {
        JourneyRef origin = Objects.requireNonNull(asking.message().origin());
        MessageId message = asking.message().message();
        if (!asked.add(message)) {
            broken.add("a message is asked for once: " + message);
        }
        if (left.contains(origin.instance())) {
            broken.add("nothing is asked for after leaving: " + origin);
        }
        if (heldOut.contains(origin.instance())) {
            broken.add("a held-out customer is sent nothing: " + origin);
        }
        MessageId before = lastOfStep.put(origin.instance() + origin.step(), message);
        if (before != null && !(firstReport.get(before) instanceof MessageEvent.Suppressed)) {
            broken.add("a step asks again only after a suppression: " + origin);
        }
    }

    private void checkDecision(DecisionEvent decision) {
        UUID instance = decision.origin().instance();
        switch (decision) {
            case DecisionEvent.Entered d -> checkEntry(instance, d.origin(), d.trigger());
            case DecisionEvent.HeldOut d -> {
                checkEntry(instance, d.origin(), d.trigger());
                heldOut.add(instance);
            }
            case DecisionEvent.Left d -> {
                if (!left.add(instance)) {
                    broken.add("an instance leaves once: " + d);
                }
            }
            default -> {
                if (left.contains(instance)) {
                    broken.add("nothing is decided after leaving: " + decision);
                }
            }
        }
    }

    private void checkEntry(UUID instance, JourneyRef origin, String trigger) {
        entered.add(instance);
        if (!triggers.add(origin.journey() + trigger)) {
            broken.add("an event leads in once: " + trigger);
        }
    }

    private void checkEnded(Fact.Processed processed, List<Program> programs) {
        for (Program program : programs) {
            boolean ends =
                    program.document().exit().stream()
                            .anyMatch(exit -> exit.on().equals(processed.event().name()));
            if (ends && processed.running().contains(program.journey())) {
                broken.add("an exit event ends the journey: " + processed.event().messageId());
            }
        }
    }
}
