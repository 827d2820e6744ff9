/** The guide's production environment, with a token that nobody guesses. */
export const PRODUCTION = {
  PAIRING_INVITE_EXPIRY_MINUTES: "15",
  PAIRING_BASE_URL: "https://pair.topdog-ide.com",
  PHONE_DEVICES_REQUIRE_ADMIN: "1",
  ADMIN_TOKEN: "5f0c1f2e9a7b4d3c8e6f0a1b2c3d4e5f",
  PAIRING_QR_REQUIRE_OTP: "1",
  PAIRING_QR_EMBED_OTP: "0",
};
export const TWILIO = {
  TWILIO_ACCOUNT_SID: "AC0123456789abcdef0123456789abcdef",
  TWILIO_AUTH_TOKEN: "fedcba9876543210fedcba9876543210",
  TWILIO_PHONE_NUMBER: "+15005550006",
};
