/*
 * svid: what SPIFFE asks of a chain of certificates beyond RFC 5280 (X509-SVID, sections 2 to 5).
 *
 * A leaf names a workload: one URI, a SPIFFE ID with a path; it signs and certifies nobody. What
 * stands above it certifies, and where it has a name, that is the bare trust domain of the leaf: a
 * bundle that knows several domains must not let one speak for another.
 */
#include "engine/identity/jwt.h"

static enum err check_leaf(const struct x509_cert *leaf, struct spiffe *ret, struct refusal *r)
{
	if (leaf->is_ca)
		return refusal_set(r, REFUSED_CA,
				   "the first certificate is a CA, and proves no workload");
	if (!(leaf->usage & X509_SIGNS) || !leaf->usage_critical ||
	    leaf->usage & (X509_SIGNS_CERTS | X509_SIGNS_LISTS))
		return refusal_set(r, REFUSED_USAGE,
				   "keyUsage of the leaf: expected critical, with "
				   "digitalSignature, without keyCertSign and cRLSign");
	if (leaf->uri_count != 1)
		return refusal_set(r, REFUSED_NAME, "the leaf has %zu URIs among its names; "
				   "expected one, a SPIFFE ID", leaf->uri_count);
	if (spiffe_read(leaf->uri, ret) != OK || ret->path.len == 0)
		return refusal_set(r, REFUSED_NAME, "'%.*s' is no SPIFFE ID of a workload",
				   STR_ARG(leaf->uri));
	return OK;
}

/* A certificate above the leaf; `*named` when it has a name, which is then the leaf's domain. */
static enum err check_signer(const struct x509_cert *c, struct str domain, bool *named,
			     struct refusal *r)
{
	struct spiffe id;

	if (!c->is_ca || !(c->usage & X509_SIGNS_CERTS))
		return refusal_set(r, REFUSED_USAGE, "a certificate above the leaf: expected a CA "
				   "with keyCertSign");
	if (c->uri_count == 0)
		return OK;
	if (c->uri_count != 1 || spiffe_read(c->uri, &id) != OK || id.path.len > 0)
		return refusal_set(r, REFUSED_NAME,
				   "'%.*s' is no SPIFFE ID of a trust domain alone",
				   STR_ARG(c->uri));
	if (!str_eq(id.domain, domain))
		return refusal_set(r, REFUSED_DOMAIN,
				   "a certificate of trust domain '%.*s' speaks for '%.*s'",
				   STR_ARG(id.domain), STR_ARG(domain));
	*named = true;
	return OK;
}

enum err svid_verify(struct str pem, struct str bundle, struct str domain, int64_t at_ns,
		     struct arena *a, struct svid *ret, struct refusal *r)
{
	struct x509_chain chain;
	struct spiffe id;
	bool named = domain.ptr != NULL;

	TRY(x509_verify(pem, bundle, at_ns, a, &chain, r));
	TRY(check_leaf(&chain.certs[0], &id, r));
	if (chain.count < 2)
		return refusal_set(r, REFUSED_CHAIN, "the leaf itself stands in the bundle; "
				   "expected the certificates that sign it");
	for (size_t i = 1; i < chain.count; i++)
		TRY(check_signer(&chain.certs[i], id.domain, &named, r));
	if (domain.ptr && !str_eq(id.domain, domain))
		return refusal_set(r, REFUSED_DOMAIN, "the leaf is of trust domain '%.*s'; "
				   "expected '%.*s'", STR_ARG(id.domain), STR_ARG(domain));
	if (!named)
		return refusal_set(r, REFUSED_DOMAIN, "nothing says for which trust domain the "
				   "bundle may speak; say it");
	*ret = (struct svid){ .id = chain.certs[0].uri, .domain = id.domain,
			      .from_ns = chain.certs[0].from_ns,
			      .until_ns = chain.certs[0].until_ns };
	return OK;
}
