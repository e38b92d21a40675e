package io.throughline.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is told at the end, in lines. */
final class Ending {

    private static final Set<String> WHY_NOT =
            Set.of("suppressed", "withheld", "held-out", "moved", "deferred");
    private static final Set<String> LEFT_EARLY = Set.of("goal", "exit-event");

    /** A move follows a refusal that is counted already. */
    private static final Set<String> REFUSED = Set.of("suppressed", "withheld");

    private Ending() {}

    /**
     * One customer's fate.
     *
     * @param decisions as {@code /api/customers/{id}/decisions} gives them, newest first
     */
    record Fate(Story.Customer customer, int mails, int texts, List<JsonNode> decisions) {
        Fate {
            decisions = List.copyOf(decisions);
        }
    }

    static List<String> table(List<Fate> fates) {
        List<String> lines = new ArrayList<>();
        lines.add(row("customer", "who", "email", "SMS", "why not more"));
        for (Fate fate : fates) {
            List<String> reasons = whyNot(fate.decisions());
            lines.add(
                    row(
                            fate.customer().name(),
                            fate.customer().part().words(),
                            Integer.toString(fate.mails()),
                            Integer.toString(fate.texts()),
                            reasons.isEmpty() ? "" : reasons.getFirst()));
            reasons.stream().skip(1).map(r -> row("", "", "", "", r)).forEach(lines::add);
        }
        return lines;
    }

    private static String row(String name, String who, String mails, String texts, String why) {
        return "%-8s  %-30s  %5s  %3s  %s".formatted(name, who, mails, texts, why).stripTrailing();
    }

    /** The explanations of what did not go, oldest first, each once with how often it was so. */
    static List<String> whyNot(List<JsonNode> decisions) {
        Map<String, Integer> times = new LinkedHashMap<>();
        for (JsonNode decision : decisions.reversed()) {
            String kind = decision.path("kind").asText();
            if (WHY_NOT.contains(kind)
                    || (kind.equals("left")
                            && LEFT_EARLY.contains(decision.path("reason").asText()))) {
                times.merge(plain(decision.path("explanation").asText()), 1, Integer::sum);
            }
        }
        return times.entrySet().stream()
                .map(e -> e.getValue() == 1 ? e.getKey() : e.getKey() + " (" + e.getValue() + "x)")
                .toList();
    }

    /** Without the instant from which it could pass, which is another one each time. */
    private static String plain(String explanation) {
        int until = explanation.indexOf("; it could pass from");
        return until < 0 ? explanation : explanation.substring(0, until) + ".";
    }

    static List<String> summary(List<Fate> fates) {
        Map<String, Integer> rules = new TreeMap<>();
        for (Fate fate : fates) {
            for (JsonNode decision : fate.decisions()) {
                if (REFUSED.contains(decision.path("kind").asText())) {
                    rules.merge(rule(decision), 1, Integer::sum);
                }
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "Received by %d customers: %d mails, %d texts"
                        .formatted(
                                fates.size(),
                                fates.stream().mapToInt(Fate::mails).sum(),
                                fates.stream().mapToInt(Fate::texts).sum()));
        lines.add("Refused, by rule:");
        rules.forEach((rule, count) -> lines.add("  %-24s %4d".formatted(rule, count)));
        return lines;
    }

    private static String rule(JsonNode decision) {
        String rule = decision.path("rule").asText("");
        return rule.isEmpty() || rule.equals("null") ? decision.path("reason").asText() : rule;
    }

    /** Credit by model and channel. */
    static List<String> attribution(JsonNode report) {
        List<String> lines = new ArrayList<>();
        JsonNode totals = report.path("totals");
        lines.add(
                "Attribution of %d orders (%s):"
                        .formatted(totals.path("conversions").asLong(), money(totals)));
        for (JsonNode model : report.path("models")) {
            List<String> parts = new ArrayList<>();
            for (JsonNode line : model.path("byChannel")) {
                parts.add(line.path("key").asText() + " " + money(line));
            }
            lines.add(
                    "  %-16s %s".formatted(model.path("model").asText(), String.join(", ", parts)));
        }
        return lines;
    }

    private static String money(JsonNode holder) {
        List<String> amounts = new ArrayList<>();
        for (JsonNode value : holder.path("value")) {
            amounts.add(value.path("amount").asText() + " " + value.path("currency").asText());
        }
        return amounts.isEmpty() ? "0" : String.join(" + ", amounts);
    }

    static List<String> lift(JsonNode report) {
        return List.of(
                "Lift of the cart journey:",
                "  " + report.path("statement").asText(),
                "  So few customers show how it is reported, not what the journey is worth.");
    }
}
