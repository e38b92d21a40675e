package io.throughline.local.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The ahead-of-time cache beside a service's jar (JEP 483, 514): classes loaded and linked. */
final class AotCache {

    private AotCache() {}

    static Path file(Path jar) {
        return jar.resolveSibling("app.aot");
    }

    /** One older than the jar would be refused by the JVM with a warning. */
    static boolean isFresh(Path jar) {
        try {
            return Files.exists(file(jar))
                    && Files.getLastModifiedTime(file(jar))
                                    .compareTo(Files.getLastModifiedTime(jar))
                            >= 0;
        } catch (IOException gone) {
            return false;
        }
    }
}
