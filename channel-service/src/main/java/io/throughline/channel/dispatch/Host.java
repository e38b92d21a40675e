package io.throughline.channel.dispatch;

import java.time.Duration;

/** Where the dispatcher's code runs: one thing at a time. */
public interface Host {

    /** Runs it there, soon. */
    void run(Runnable work);

    void after(Duration delay, Runnable work);
}
