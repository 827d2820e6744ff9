/** Whether the object itself has this member, so that a text from outside can pick one. */
export function isKeyOf<T extends object>(object: T, name: string): name is keyof T & string {
  return Object.hasOwn(object, name);
}
