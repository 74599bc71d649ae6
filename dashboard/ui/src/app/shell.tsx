import {
  AppShell,
  Avatar,
  Burger,
  Group,
  type MantineColorScheme,
  Menu,
  NativeSelect,
  ScrollArea,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconLogout } from '@tabler/icons-react';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Fragment, useEffect, useState } from 'react';
import { useTenantName } from '#/api/hooks';
import { logout, useSession } from '#/api/session';
import { type Language, languages, useLanguage, useText } from '#/i18n/text';
import { useToast } from '#/kit/toast';
import { navigation } from './areas';
import { SessionExpired } from './expired';
import mark from './mark.svg';
import css from './shell.module.css';
import { appText } from './text';

function TenantSwitcher() {
  const t = useText(appText);
  const { tenants } = useSession();
  const tenant = useTenantName();
  const navigate = useNavigate();
  return (
    <NativeSelect
      className={css.tenant}
      size="sm"
      aria-label={t.tenant}
      value={tenant}
      data={tenants.map(({ name, domain }) => ({ value: name, label: domain === name ? name : `${name} · ${domain}` }))}
      onChange={(event) => {
        const next = event.currentTarget.value;
        void navigate({ to: '/t/$tenant', params: { tenant: next } });
      }}
    />
  );
}

function UserMenu() {
  const t = useText(appText);
  const { user, role } = useSession();
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const toast = useToast();
  const name = user.name || user.email || user.sub;
  return (
    <Menu
      width={240}
      position="bottom-end"
      keepMounted={false}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      checkIcon={<IconCheck size={16} />}
    >
      <Menu.Target>
        <UnstyledButton aria-label={t.account} style={{ borderRadius: '50%' }}>
          <Avatar color="proof" size={36} radius="xl" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {t.signedInAs(name)}
          <br />
          {t.role(role)}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t.scheme}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          {(['auto', 'light', 'dark'] as const).map((scheme) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {t[scheme]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t.language}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={(l) => choose(l as Language)}>
          {(Object.keys(languages) as Language[]).map((l) => (
            <Menu.RadioItem key={l} value={l} lang={l}>
              {languages[l]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logout().catch(toast.failed)}>
          {t.logout}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Navigation({ onFollow }: { onFollow: () => void }) {
  const t = useText(appText);
  const tenant = useTenantName();
  return (
    <nav aria-label={t.navigation}>
      {navigation.map(({ group, entries }, i) => (
        <Fragment key={group ?? i}>
          {group && <p className={css.group}>{t.nav[group]}</p>}
          <ul className={css.list}>
            {entries.map(({ key, to, icon: Icon }) => (
              <li key={key}>
                <Link
                  to={to}
                  params={{ tenant }}
                  className={css.link}
                  activeOptions={{ exact: key === 'home', includeSearch: false }}
                  onClick={onFollow}
                >
                  <Icon size={18} aria-hidden />
                  {t.nav[key]}
                </Link>
              </li>
            ))}
          </ul>
        </Fragment>
      ))}
    </nav>
  );
}

/** Tells a screen reader which page has come; sighted people see it. */
function Announcer() {
  const path = useRouterState({ select: (s) => s.resolvedLocation?.pathname });
  const [title, setTitle] = useState('');
  useEffect(() => {
    if (!path) return;
    const timer = setTimeout(() => setTitle(document.title), 300);
    return () => clearTimeout(timer);
  }, [path]);
  return <VisuallyHidden role="status">{title}</VisuallyHidden>;
}

export function Shell() {
  const t = useText(appText);
  const [open, menu] = useDisclosure();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 236, breakpoint: 'md', collapsed: { mobile: !open } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a href="#content" className={css.skip}>
        {t.skipLink}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" wrap="nowrap" gap="sm">
          <Burger
            opened={open}
            onClick={menu.toggle}
            hiddenFrom="md"
            size="sm"
            aria-label={open ? t.closeMenu : t.openMenu}
            aria-expanded={open}
          />
          <Link to="/" className={css.brand} aria-label="Proofkey">
            <img src={mark} width={28} height={28} alt="" />
            <span className={css.brandName}>Proofkey</span>
          </Link>
          <TenantSwitcher />
          <Group ml="auto" gap="sm" wrap="nowrap">
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar>
        <AppShell.Section grow component={ScrollArea} p="sm" type="auto">
          <Navigation onFollow={menu.close} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main className={css.main} id="content" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      <Announcer />
      <SessionExpired />
    </AppShell>
  );
}
