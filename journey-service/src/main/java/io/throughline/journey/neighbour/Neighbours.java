package io.throughline.journey.neighbour;

import io.smallrye.config.ConfigMapping;
import java.net.URI;

/** Where the other services are; without a default, so that a deployment must say. */
@ConfigMapping(prefix = "throughline")
interface Neighbours {

    Identity identity();

    Channel channel();

    Auth auth();

    interface Identity {
        URI url();
    }

    interface Channel {
        URI url();
    }

    interface Auth {
        /** The secret that the services show each other. */
        String serviceToken();
    }
}
