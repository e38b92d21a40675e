package io.throughline.bench;

import java.util.List;

/** Something that is measured by a name. */
interface Benchmark {

    /** As it is asked for. */
    String name();

    /** One line for people. */
    String about();

    /** Measures; prepares everything it needs by itself. */
    List<Figure> run(Workbench bench) throws Exception;

    /** Whether the run is to end well with these figures; a budget that is missed is no failure. */
    default boolean isKept(List<Figure> figures) {
        return true;
    }
}
