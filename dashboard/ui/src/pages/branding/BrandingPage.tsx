import { Outlet } from '@tanstack/react-router';
import { tenantRouteApi } from '#/api/hooks';
import { useText } from '#/i18n/text';
import { PageHeader, TabLink, TabLinks } from '#/kit/bits';
import kit from '#/kit/kit.module.css';
import { brandingText } from './text';

export function BrandingPage() {
  const t = useText(brandingText);
  const params = tenantRouteApi.useParams();
  return (
    <div className={kit.page}>
      <PageHeader title={t.title} text={t.intro} />
      <TabLinks label={t.title}>
        <TabLink to="/t/$tenant/branding/basics" params={params}>
          {t.tabs.basics}
        </TabLink>
        <TabLink to="/t/$tenant/branding/theme" params={params}>
          {t.tabs.theme}
        </TabLink>
      </TabLinks>
      <Outlet />
    </div>
  );
}
