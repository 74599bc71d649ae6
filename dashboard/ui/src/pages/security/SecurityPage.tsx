import { Outlet } from '@tanstack/react-router';
import { tenantRouteApi } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { securityText } from './text';

export function SecurityPage() {
  const t = useText(securityText);
  const params = tenantRouteApi.useParams();
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro} />
      <TabLinks label={t.title}>
        <TabLink to="/t/$tenant/security/brute-force" params={params}>
          {t.tabs.bruteForce}
        </TabLink>
        <TabLink to="/t/$tenant/security/suspicious-addresses" params={params}>
          {t.tabs.addresses}
        </TabLink>
        <TabLink to="/t/$tenant/security/breached-passwords" params={params}>
          {t.tabs.breached}
        </TabLink>
        <TabLink to="/t/$tenant/security/sessions" params={params}>
          {t.tabs.sessions}
        </TabLink>
      </TabLinks>
      <Outlet />
    </div>
  );
}
