package io.throughline.journey.conversation;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.engine.Program;
import io.throughline.journey.store.Catalogue.Standing;
import io.throughline.journey.store.Catalogue.Version;
import io.throughline.journey.store.JourneyStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The journeys and the contact policy that one unit of work runs under. */
final class InForce {

    private final Map<String, Standing> journeys;
    private final Map<Version, Program> programs;
    private final ContactPolicy policy;
    private final Map<String, List<Program>> byEntryEvent = new HashMap<>();

    InForce(Map<String, Standing> journeys, Map<Version, Program> programs, ContactPolicy policy) {
        this.journeys = journeys;
        this.programs = programs;
        this.policy = policy;
        journeys.values().stream()
                .filter(journey -> journey.status() == JourneyStatus.ACTIVE)
                .map(Standing::journey)
                .sorted()
                .forEach(this::admit);
        byEntryEvent
                .values()
                .forEach(led ->
                        led.sort(
                                Comparator.<Program>comparingInt(
                                                program -> program.document().priority())
                                        .reversed()
                                        .thenComparing(Program::journey)));
    }

    /** The versions that customers enter now. */
    static List<Version> entered(Map<String, Standing> journeys) {
        List<Version> versions = new ArrayList<>();
        for (Standing journey : journeys.values()) {
            Integer version = journey.activeVersion();
            if (version != null && journey.status() == JourneyStatus.ACTIVE) {
                versions.add(new Version(journey.journey(), version));
            }
        }
        return versions;
    }

    /** The programs that an event of this name may lead into, the most important first. */
    List<Program> ledIntoBy(@Nullable String event) {
        return event == null ? List.of() : byEntryEvent.getOrDefault(event, List.of());
    }

    /**
     * @throws IllegalStateException when there is no such version
     */
    Program program(String journey, int version) {
        Program program = programs.get(new Version(journey, version));
        if (program == null) {
            throw new IllegalStateException("journey " + journey + " has no version " + version);
        }
        return program;
    }

    boolean paused(String journey) {
        return status(journey) == JourneyStatus.PAUSED;
    }

    boolean archived(String journey) {
        return status(journey) == JourneyStatus.ARCHIVED;
    }

    /** Whether these stand as they did. */
    boolean agreesWith(Map<String, Standing> others) {
        return others.entrySet().stream()
                .allMatch(other -> other.getValue().equals(journeys.get(other.getKey())));
    }

    ContactPolicy policy() {
        return policy;
    }

    private @Nullable JourneyStatus status(String journey) {
        Standing standing = journeys.get(journey);
        return standing == null ? null : standing.status();
    }

    private void admit(String journey) {
        Standing standing = journeys.get(journey);
        Integer version = standing == null ? null : standing.activeVersion();
        if (version != null) {
            Program program = program(journey, version);
            byEntryEvent
                    .computeIfAbsent(program.document().entry().on(), on -> new ArrayList<>())
                    .add(program);
        }
    }
}
