/**
 * One customer's conversation through all services, each a process of its own, seen from outside.
 */
@NullMarked
package io.throughline.story;

import org.jspecify.annotations.NullMarked;
