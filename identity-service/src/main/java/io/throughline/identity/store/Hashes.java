package io.throughline.identity.store;

import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.HexFormat;

/** Hashes as columns, and as keys of maps, which arrays are not. */
public final class Hashes {

    private Hashes() {}

    static Buffer[] column(Collection<byte[]> hashes) {
        return hashes.stream().map(Buffer::buffer).toArray(Buffer[]::new);
    }

    public static String key(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}
