package io.throughline.story;

import io.throughline.local.infrastructure.Home;
import io.throughline.local.launcher.StackProcess;
import io.throughline.local.launcher.StackProcess.JavaOptions;
import java.nio.file.Path;

/** The one stack of this JVM's stories: started with the first, ended with the JVM. */
final class Stack {

    private static final StackProcess STACK = start();

    private Stack() {}

    static StackProcess running() {
        return STACK;
    }

    private static StackProcess start() {
        Path checkout = Home.checkout(Path.of("")).orElseThrow();
        StackProcess stack =
                StackProcess.start(
                        checkout.resolve("end-to-end/target/throughline"), JavaOptions.EVERYDAY);
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close));
        return stack.awaitReady();
    }
}
