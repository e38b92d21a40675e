/**
 * How contract records are written and read: one Jackson mapper, CloudEvents attributes in the
 * record's headers.
 */
@NullMarked
package io.throughline.contracts.json;

import org.jspecify.annotations.NullMarked;
