package io.throughline.local.launcher;

import io.throughline.local.infrastructure.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.FileHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What Kafka and the libraries say goes to a file; the terminal is for people. */
final class Logging {

    private static final int FILE_BYTES = 10 << 20;
    private static final String FORMAT_PROPERTY = "java.util.logging.SimpleFormatter.format";
    private static final String FORMAT = "%1$tFT%1$tT.%1$tL %4$s [%3$s] %5$s%6$s%n";

    /** The log manager holds loggers weakly and would forget their levels. */
    private static final List<Logger> KEPT = new ArrayList<>();

    private Logging() {}

    static void toFile(Path file) {
        try {
            System.setProperty(FORMAT_PROPERTY, FORMAT);
            LogManager.getLogManager().reset();
            FileHandler handler = new FileHandler(file.toString(), FILE_BYTES, 1, true);
            handler.setFormatter(new SimpleFormatter());
            Logger root = Logger.getLogger("");
            root.setLevel(Level.INFO);
            root.addHandler(handler);
            quieten("org.apache.kafka", "kafka", "state.change.logger", "org.jsmpp");
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be written: %s.".formatted(file, refused.getMessage()), refused);
        }
    }

    private static void quieten(String... names) {
        for (String name : names) {
            Logger logger = Logger.getLogger(name);
            logger.setLevel(Level.WARNING);
            KEPT.add(logger);
        }
    }
}
