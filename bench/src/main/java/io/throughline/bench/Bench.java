package io.throughline.bench;

import io.throughline.bench.Report.Result;
import io.throughline.local.infrastructure.Home;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The command {@code ./throughline bench [NAME]}. */
public final class Bench {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 64;

    /** Load average of a machine on which nothing runs. */
    private static final double QUIET = 0.5;

    /** In the order in which they run: the one that leaves the longest backlog goes last. */
    static final List<Benchmark> ALL =
            List.of(
                    new GateBenchmark(),
                    new GatePeerBenchmark(),
                    new JourneyBenchmark(),
                    new DenialBenchmark(Denial.OPT_OUT),
                    new DenialBenchmark(Denial.CONVERSION),
                    new ReadableBenchmark(),
                    new MergeBenchmark(),
                    new IngestionBenchmark(),
                    new ResolutionBenchmark(),
                    new SegmentBenchmark(),
                    new ImportBenchmark());

    /** Only by its name, for it takes as long as all the others. */
    static final List<Benchmark> BY_NAME = List.of(new SoakBenchmark());

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        quieten();
        Optional<List<Benchmark>> chosen = chosen(List.of(arguments));
        if (chosen.isEmpty()) {
            System.err.print(usage(arguments));
            System.exit(USAGE);
        }
        System.exit(run(chosen.orElseThrow(), System.out));
    }

    /** All without a name, one with its name; nothing where the name is unknown. */
    static Optional<List<Benchmark>> chosen(List<String> arguments) {
        if (arguments.isEmpty()) {
            return Optional.of(ALL);
        }
        if (arguments.size() > 1) {
            return Optional.empty();
        }
        return named().filter(benchmark -> benchmark.name().equals(arguments.getFirst()))
                .findFirst()
                .map(List::of);
    }

    private static Stream<Benchmark> named() {
        return Stream.concat(ALL.stream(), BY_NAME.stream());
    }

    static String usage(String... arguments) {
        StringBuilder text = new StringBuilder();
        if (arguments.length == 1) {
            text.append("There is no benchmark %s.%n%n".formatted(arguments[0]));
        }
        text.append("Usage: ./throughline bench [NAME], all without a name%n%n".formatted());
        for (Benchmark benchmark : named().toList()) {
            text.append("  %-16s %s%n".formatted(benchmark.name(), benchmark.about()));
        }
        return text.toString();
    }

    private static int run(List<Benchmark> benchmarks, PrintStream out) {
        Path directory = Home.of(System.getenv(), Path.of("")).root().resolve("bench");
        Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        List<Result> results = new ArrayList<>();
        boolean kept = true;
        try (Workbench bench = new Workbench(out, directory)) {
            Runtime.getRuntime().addShutdownHook(new Thread(bench::close));
            if (load > QUIET) {
                bench.say(
                        "something else runs on this machine (load average %.2f): at best the ratios can be trusted"
                                .formatted(load));
            }
            for (Benchmark benchmark : benchmarks) {
                Optional<Result> result = measure(benchmark, bench);
                result.ifPresent(results::add);
                kept &= result.filter(r -> benchmark.isKept(r.figures())).isPresent();
            }
            bench.say("ending");
        }
        Report report =
                new Report(
                        at,
                        Runtime.getRuntime().availableProcessors(),
                        load,
                        Runtime.version().toString(),
                        results);
        out.print(report.table());
        Path file = directory.resolve("report-%s.json".formatted(at.toString().replace(":", "")));
        try {
            report.write(file);
            out.printf("%nThe same as JSON: %s%n", file);
        } catch (IOException refused) {
            out.printf("%n%s could not be written: %s%n", file, refused.getMessage());
            return FAILED;
        }
        return kept ? OK : FAILED;
    }

    /** One that fails does not keep the others from being measured. */
    private static Optional<Result> measure(Benchmark benchmark, Workbench bench) {
        bench.say("%s: %s".formatted(benchmark.name(), benchmark.about()));
        long began = System.nanoTime();
        try {
            List<Figure> figures = benchmark.run(bench);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            return Optional.of(new Result(benchmark.name(), took, figures));
        } catch (Exception failure) {
            if (bench.isEnding()) {
                return Optional.empty();
            }
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            bench.say("%s came to nothing: %s".formatted(benchmark.name(), trace));
            return Optional.empty();
        }
    }

    /** What libraries have to say is not what was asked for. */
    private static void quieten() {
        Logger.getLogger("").setLevel(Level.WARNING);
    }
}
