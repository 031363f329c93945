/** The version that recordings name as their writer; a test holds it equal to package.json's. */
export const VERSION = "0.1.0";
