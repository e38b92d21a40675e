package io.throughline.local;

import io.throughline.local.launcher.Commands;

/** The Java part of the {@code ./throughline} script. */
public final class Throughline {

    private Throughline() {}

    public static void main(String[] arguments) {
        int status = Commands.run(arguments);
        if (status != Commands.KEEP_RUNNING) {
            System.exit(status);
        }
    }
}
