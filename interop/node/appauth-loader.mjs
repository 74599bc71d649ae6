// AppAuth-JS ships ES modules whose relative imports leave out the extension, as bundlers allow and Node does not.
export async function resolve(specifier, context, next) {
  const bare = specifier.startsWith('.') && context.parentURL?.includes('/@openid/appauth/');
  if (!bare) return next(specifier, context);
  try {
    return await next(`${specifier}.js`, context);
  } catch {
    return next(`${specifier}/index.js`, context);
  }
}
