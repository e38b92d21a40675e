package io.throughline.attribution.credit;

import java.util.List;

/**
 * A conversion and the touches before it.
 *
 * @param touches by (time, id), none later than the conversion; empty where nothing is known that
 *     led to it
 */
public record Path(Conversion conversion, List<Touch> touches) {

    public Path {
        touches = touches.stream().sorted().toList();
        if (!touches.isEmpty() && touches.getLast().at().isAfter(conversion.at())) {
            throw new IllegalArgumentException(
                    "touch "
                            + touches.getLast().id()
                            + " is later than conversion "
                            + conversion.id());
        }
    }
}
