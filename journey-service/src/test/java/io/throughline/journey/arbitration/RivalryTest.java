package io.throughline.journey.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.CategoryRule;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Each;
import io.throughline.contracts.policy.ContactPolicy.Refund;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.memory.InMemoryGate;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who goes, by the answers of a gate: caps are the same where they count the same contacts. */
class RivalryTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));

    private final InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));

    /**
     * A message is written as its journey, topic, category and priority, and where it is another's,
     * whether it is planned, queued or handed over and so counted.
     */
    @ParameterizedTest(name = "{0}: {1}, counted {2}, own {3}, others {4}")
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "topics are kept apart            | each topic 1 | none                   | a news marketing 10 | b offers marketing 90 planned | goes",
                "also where one is used up        | each topic 1 | x offers marketing     | a news marketing 10 | b offers marketing 90 planned | goes",
                "and what is queued stays         | each topic 1 | none                   | b offers marketing 90 | a news marketing 10 queued  | goes",
                "of one topic the better goes     | each topic 1 | none                   | a news marketing 10 | b news marketing 90 planned   | yields to b under cap:topic:P1D at 0 of 1",
                "and is made room for             | each topic 1 | none                   | b news marketing 90 | a news marketing 10 queued    | goes and takes back a under cap:topic:P1D at 0 of 1",
                "a fuller topic is no sign        | each topic 1 | x offers marketing     | a news marketing 10 | b news marketing 90 planned, c offers marketing 80 planned | yields to b under cap:topic:P1D at 0 of 1",
                "a named topic is one of each     | each topic 2, topic news 1 | none     | a news marketing 10 | b news marketing 90 planned   | yields to b under cap:topic:news:P1D at 0 of 1",
                "channels named or not are one    | each channel 1, sms 2 | none          | a - marketing 10    | b - marketing 90 planned      | yields to b under cap:channel:sms:P1D at 0 of 1",
                "categories are kept apart        | each category 1 | x - service         | a - marketing 10    | b - service 90 planned        | goes",
                "service that counts is a rival   | global 1     | none                   | a - marketing 10    | b - service 90 planned        | yields to b under cap:global:P1D at 0 of 1",
                "and may be the one that yields   | global 1     | none                   | a - service 10      | b - marketing 90 planned      | yields to b under cap:global:P1D at 0 of 1",
                "uncounted, it takes no place     | service apart, global 1 | none        | a - service 10      | b - marketing 90 planned      | goes",
                "but can lose its own             | service apart, global 1 | none        | a - marketing 10    | b - service 90 planned        | yields to b under cap:global:P1D at 0 of 1",
                "and is not taken back in vain    | service apart, global 1 | none        | b - marketing 90    | a - service 10 queued         | goes",
                "while what takes its place is    | service apart, global 1 | none        | b - service 90      | a - marketing 10 queued       | goes and takes back a under cap:global:P1D at 0 of 1",
                "more that count is no sign       | service apart, global 2 | x - marketing, y - service | a - marketing 10 | b - marketing 90 planned, c - service 80 planned | yields to b under cap:global:P1D at 1 of 2",
                "what is counted holds its place  | global 2     | none                   | a - marketing 10    | b - marketing 90 handed-over  | goes",
                "also if others do not count it   | service apart, global 1 | none        | a - marketing 10    | b - service 90 handed-over    | goes",
                "what is only queued does not     | global 1     | none                   | a - marketing 10    | b - marketing 90 queued       | yields to b under cap:global:P1D at 0 of 1"
            })
    void whoGoes(
            String what, String caps, String counted, String own, String others, String outcome) {
        ContactPolicy policy = policy(caps);
        gate.hydrate(new CustomerHistory.Permissions(ANA, List.of(), List.of(), null, List.of()));
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));
        listed(counted).forEach(words -> reserve(planned(words + " 50 queued"), policy));
        listed(others)
                .filter(words -> words.endsWith("handed-over"))
                .forEach(words -> reserve(planned(words), policy));

        Planned asking = planned(own + " due");
        List<Planned> rivals =
                listed(others)
                        .map(RivalryTest::planned)
                        .filter(other -> Arbitration.compete(asking, other, policy))
                        .toList();
        List<GateAnswer> answers = new ArrayList<>();
        Stream.concat(Stream.of(asking), rivals.stream())
                .forEach(planned -> answers.add(gate.peek(request(planned), policy, NOW)));
        Rivalry rivalry = Rivalry.between(asking, rivals, answers, policy, NOW);

        assertThat(told(rivalry)).as(what).isEqualTo(outcome);
    }

    private static String told(Rivalry rivalry) {
        Ruling.Yields yields = rivalry.yields(List.of(Channel.SMS));
        if (yields != null) {
            return "yields to " + name(yields.to()) + under(yields.room());
        }
        return "goes"
                + rivalry.displacedOn(Channel.SMS).stream()
                        .map(d -> " and takes back " + name(d.planned()) + under(d.room()))
                        .collect(Collectors.joining());
    }

    private static String under(Room.Seen room) {
        return " under " + room.rule() + " at " + room.count() + " of " + room.limit();
    }

    private static String name(Planned planned) {
        return planned.origin().journey();
    }

    private static Stream<String> listed(String words) {
        return words == null ? Stream.of() : Stream.of(words.split(", "));
    }

    private void reserve(Planned planned, ContactPolicy policy) {
        assertThat(gate.reserve(request(planned), policy, NOW.minusSeconds(60)))
                .isInstanceOf(GateAnswer.Allowed.class);
    }

    private static GateRequest request(Planned planned) {
        GateRequest request =
                new GateRequest(
                        ANA,
                        planned.message(),
                        Channel.SMS,
                        planned.category(),
                        planned.topic(),
                        planned.origin().journey(),
                        "+34600111222");
        return planned.pending() ? request.again() : request;
    }

    private static Planned planned(String text) {
        String[] words = text.split(" ");
        UUID instance = new UUID(7, words[0].hashCode());
        boolean pending = words[4].equals("queued") || words[4].equals("handed-over");
        return new Planned(
                new JourneyRef(words[0], 1, instance, "steps[0].send"),
                MessageId.of(instance, "steps[0].send", 1),
                Integer.parseInt(words[3]),
                BigDecimal.ZERO,
                words[4].equals("planned") ? NOW.plusSeconds(3_600) : NOW,
                NOW.plus(DAY),
                List.of(Channel.SMS),
                List.of("+34600111222"),
                Category.of(words[2]),
                words[1].equals("-") ? null : words[1],
                pending);
    }

    private static ContactPolicy policy(String text) {
        List<Cap> caps = new ArrayList<>();
        Map<Category, CategoryRule> categories = Map.of();
        for (String words : text.split(", ")) {
            if (words.equals("service apart")) {
                categories = Map.of(Category.SERVICE, new CategoryRule(Set.of(), false));
            } else {
                caps.add(cap(words, Integer.parseInt(words.substring(words.lastIndexOf(' ') + 1))));
            }
        }
        return new ContactPolicy(
                9,
                caps,
                null,
                null,
                "UTC",
                Map.of(Channel.SMS, ConsentRule.OPT_OUT),
                Set.of(),
                List.of(),
                List.of(),
                categories,
                new Refund(true, false),
                null,
                null,
                null,
                null,
                null);
    }

    private static Cap cap(String words, int max) {
        String among = words.substring(0, words.lastIndexOf(' '));
        return switch (among) {
            case "global" -> new Cap(Scope.GLOBAL, null, max, DAY);
            case "each topic" -> Cap.forEach(Each.TOPIC, max, DAY);
            case "each category" -> Cap.forEach(Each.CATEGORY, max, DAY);
            case "each channel" -> new Cap(Scope.CHANNEL, null, max, DAY);
            case "sms" -> new Cap(Scope.CHANNEL, Channel.SMS, max, DAY);
            case "topic news" -> Cap.among(null, "news", max, DAY);
            default -> throw new IllegalArgumentException(words);
        };
    }
}
