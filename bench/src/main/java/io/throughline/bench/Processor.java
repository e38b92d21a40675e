package io.throughline.bench;

import java.time.Duration;
import java.util.List;

/** The processor time that processes take for what they are asked, whatever else runs beside. */
final class Processor {

    private final List<ProcessHandle> processes;
    private Duration taken = Duration.ZERO;
    private long requests;

    Processor(List<ProcessHandle> processes) {
        this.processes = processes;
    }

    Outcome during(Series.Round round) throws InterruptedException {
        Duration before = soFar();
        Outcome outcome = round.run();
        taken = taken.plus(soFar().minus(before));
        requests += outcome.latencies().count();
        return outcome;
    }

    double microsecondsEach() {
        return taken.toNanos() / 1000.0 / Math.max(1, requests);
    }

    private Duration soFar() {
        return processes.stream()
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
