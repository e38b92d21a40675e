package io.throughline.bench.checker;

import java.util.ArrayList;
import java.util.List;

/**
 * All that is known from outside.
 *
 * @param caps in force the whole time
 */
public record History(List<Acknowledgement> acknowledged, List<Receipt> received, List<Cap> caps) {

    public History {
        acknowledged = List.copyOf(acknowledged);
        received = List.copyOf(received);
        caps = List.copyOf(caps);
    }

    History with(Acknowledgement more) {
        List<Acknowledgement> all = new ArrayList<>(acknowledged);
        all.add(more);
        return new History(all, received, caps);
    }

    History with(List<Receipt> more) {
        List<Receipt> all = new ArrayList<>(received);
        all.addAll(more);
        return new History(acknowledged, all, caps);
    }
}
