/** What is kept of somebody who was erased, and how an erasure is told of. */
@NullMarked
package io.throughline.identity.erasure;

import org.jspecify.annotations.NullMarked;
