package io.throughline.chassis.stream;

/** What became of one record that was to be published. */
sealed interface Outcome {

    /** The in-sync replicas have it. */
    record Written() implements Outcome {}

    /** It is larger than the producer or the topic takes; trying again does not help. */
    record TooLarge(Throwable refusal) implements Outcome {}

    /** It was not acknowledged and may or may not have been written. */
    record Failed(Throwable failure) implements Outcome {}
}
