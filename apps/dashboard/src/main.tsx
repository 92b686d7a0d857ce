import '@fontsource-variable/inter/wght.css';
import './design/tokens.css';
import './design/base.css';
import './design/components.css';
import './layout/layout.css';
import './pages/pages.css';
import './charts/charts.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ApiError } from './api/client';
import { takeKeyFromAddress, useKey } from './api/key';
import { Addresses } from './routes';

takeKeyFromAddress();
addEventListener('hashchange', takeKeyFromAddress);

const newClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Live events invalidate stale data; until one arrives, cached data is current.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        // Retry only when the API is unreachable or unavailable: a rejected request would be rejected again.
        retry: (failures, error) => failures < 5 && error instanceof ApiError && [0, 503].includes(error.status),
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
      },
    },
  });

/** Everything that one key may see: with another key, nothing of it is left. */
function Session() {
  const key = useKey();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- a new key is the reason for a new client
  const client = useMemo(newClient, [key]);
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <Addresses />
      </BrowserRouter>
    </QueryClientProvider>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Session />
  </StrictMode>,
);
