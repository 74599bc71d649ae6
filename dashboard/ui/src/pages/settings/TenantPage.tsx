import { Outlet } from '@tanstack/react-router';
import { tenantRouteApi, useTenant } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { CopyableId, PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { tenantText } from './text';

export function TenantPage() {
  const t = useText(tenantText);
  const params = tenantRouteApi.useParams();
  const { issuer } = useTenant();
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={<CopyableId value={issuer} what={t.issuer} />} />
      <TabLinks label={t.title}>
        <TabLink to="/t/$tenant/settings/general" params={params}>
          {t.tabs.general}
        </TabLink>
        <TabLink to="/t/$tenant/settings/sign-in" params={params}>
          {t.tabs.signIn}
        </TabLink>
        <TabLink to="/t/$tenant/settings/domains" params={params}>
          {t.tabs.domains}
        </TabLink>
        <TabLink to="/t/$tenant/settings/email" params={params}>
          {t.tabs.email}
        </TabLink>
        <TabLink to="/t/$tenant/settings/administrators" params={params}>
          {t.tabs.administrators}
        </TabLink>
      </TabLinks>
      <Outlet />
    </div>
  );
}
