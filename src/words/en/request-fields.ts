/**
 * What is wrong with a field of a request: `message` among a problem's `errors`, beside the field's name. On the wire it is English, as
 * `detail` is. Schemas take their rules from here rather than through `say`, since the contract is also part of pages and of the client.
 */
export const requestFields = {
  noInvisible: "must not hold invisible characters",
  noPathStep: "must not be a step of a path",
  notReserved: "must not be desk, computer or admin",
  webAddress: "must be a web address without a path, like https://pair.mycompany.com",
  pushAddress: "must be a web address",
  https: "must begin with https://",
  key65: "must be 65 bytes in base64url",
  key16: "must be 16 bytes in base64url",
  someOf: "must be one or more of {{words}}, separated by commas",
  longToken: "must have at least 24 characters, so that nobody guesses it",
  visibleCharacters: "must be letters, digits and signs without spaces",
  atMost100: "must be at most 100 settings",
  noNul: "must not hold a NUL character",
  authtoken: "must be the authtoken alone, without spaces",
  text: "must be a text",
  flag: "must be true or false",
  unknownPlace: "is no place in this list: take it from the page before, or leave it out",
  twice: "is there twice",
  notDecodable: "is not percent-encoded UTF-8",
  keyLength: "must have 1 to 256 characters",
  missing: "is missing",
  notValid: "is not valid",
} as const;
