package io.throughline.identity.stream;

import io.throughline.contracts.EventTypes;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.identity.store.TimelineEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about customers, as entries of their histories: what it was, and no numbers,
 * which the decisions themselves have.
 */
final class DecisionHistory {

    private static final String KIND = "decision";

    private DecisionHistory() {}

    static TimelineEntry entry(DecisionEvent decision) {
        Map<String, Object> entry = new LinkedHashMap<>();
        String type = EventTypes.typeOf(decision.getClass());
        entry.put("type", type.substring(type.lastIndexOf('.') + 1));
        entry.put("journey", decision.origin().journey());
        entry.put("step", decision.origin().step());
        switch (decision) {
            case DecisionEvent.Entered entered -> entry.put("trigger", entered.trigger());
            case DecisionEvent.HeldOut heldOut -> entry.put("trigger", heldOut.trigger());
            case DecisionEvent.GhostSend ghost -> {
                entry.put("channel", ghost.channel());
                entry.put("template", ghost.template());
            }
            case DecisionEvent.ChannelChosen choice -> {
                entry.put("channel", choice.chosen());
                entry.put("message", choice.message());
            }
            case DecisionEvent.Deferred deferred -> {
                entry.put("message", deferred.message());
                entry.put("reason", deferred.reason());
                entry.put("until", deferred.until());
            }
            case DecisionEvent.Moved moved -> {
                entry.put("message", moved.message());
                entry.put("from", moved.from());
                put(entry, "to", moved.to());
                entry.put("reason", moved.reason());
            }
            case DecisionEvent.Withheld withheld -> {
                put(entry, "channel", withheld.channel());
                entry.put("reason", withheld.reason());
            }
            case DecisionEvent.Displaced displaced -> {
                entry.put("message", displaced.message());
                entry.put("channel", displaced.channel());
                entry.put("fate", displaced.fate());
                entry.put("by", displaced.by().journey());
                put(entry, "until", displaced.until());
            }
            case DecisionEvent.Excluded excluded -> {
                entry.put("trigger", excluded.trigger());
                entry.put("group", excluded.group());
                entry.put("by", excluded.by().journey());
            }
            case DecisionEvent.Left left -> {
                entry.put("reason", left.reason());
                put(entry, "detail", left.detail());
            }
        }
        return new TimelineEntry(decision.customer(), decision.at(), KIND, entry);
    }

    private static void put(Map<String, Object> entry, String name, @Nullable Object value) {
        if (value != null) {
            entry.put(name, value);
        }
    }
}
