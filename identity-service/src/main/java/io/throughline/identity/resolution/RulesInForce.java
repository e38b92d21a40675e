package io.throughline.identity.resolution;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.Trust;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rules made ready to be asked: compiled once each time they change. */
public final class RulesInForce {

    private final ResolutionRules rules;
    private final Map<String, TypeRule> byType = new HashMap<>();
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<String, List<Pattern>> never = new HashMap<>();
    private final TypeRule others;
    private final int othersRank;
    private final Comparator<Identifier> strongestFirst;

    /**
     * @throws IllegalArgumentException when a pattern does not compile, a type has two rules, or
     *     there is no rule for all others
     */
    public RulesInForce(ResolutionRules rules) {
        this.rules = rules;
        for (int i = 0; i < rules.types().size(); i++) {
            TypeRule rule = rules.types().get(i);
            if (byType.put(rule.type(), rule) != null) {
                throw new IllegalArgumentException("two rules for " + rule.type());
            }
            ranks.put(rule.type(), i);
        }
        TypeRule any = byType.get(TypeRule.ANY);
        if (any == null) {
            throw new IllegalArgumentException("there is no rule for the type *");
        }
        this.others = any;
        this.othersRank = ranks.getOrDefault(TypeRule.ANY, 0);
        for (ResolutionRules.Never value : rules.never()) {
            never.computeIfAbsent(value.type(), t -> new ArrayList<>()).add(compiled(value));
        }
        this.strongestFirst =
                Comparator.comparingInt((Identifier i) -> rank(i.type()))
                        .thenComparing(Comparator.naturalOrder());
    }

    public ResolutionRules rules() {
        return rules;
    }

    public Comparator<Identifier> strongestFirst() {
        return strongestFirst;
    }

    /** Whether the value may stand for somebody at all. */
    public boolean identifies(Identifier identifier) {
        return !isNever(TypeRule.ANY, identifier.value())
                && !isNever(identifier.type(), identifier.value());
    }

    TypeRule of(String type) {
        return byType.getOrDefault(type, others);
    }

    /**
     * The identifiers that can join customers, as far as can be said without other evidence: who
     * they connect has to be decided together.
     */
    public List<Identifier> joining(Evidence evidence) {
        return evidence.identifiers().stream().filter(i -> joins(i, evidence.trust())).toList();
    }

    /** Whether an identifier could join customers also where it is only claimed. */
    public boolean mayJoinClaimed(Identifier identifier) {
        return joins(identifier, Trust.CLAIMED);
    }

    private boolean joins(Identifier identifier, Trust trust) {
        TypeRule rule = of(identifier.type());
        return rule.unique()
                && (trust == Trust.TRUSTED || rule.firstHand())
                && identifies(identifier);
    }

    private int rank(String type) {
        return ranks.getOrDefault(type, othersRank);
    }

    private boolean isNever(String type, String value) {
        return never.getOrDefault(type, List.of()).stream().anyMatch(p -> p.matches(value));
    }

    /**
     * @throws IllegalArgumentException when the pattern does not compile
     */
    public static void check(ResolutionRules.Never value) {
        Pattern compiled = compiled(value);
        compiled.matches("");
    }

    private static Pattern compiled(ResolutionRules.Never value) {
        try {
            return Pattern.compile(value.pattern(), Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the pattern '%s' does not compile: %s"
                            .formatted(value.pattern(), e.getDescription()),
                    e);
        }
    }
}
