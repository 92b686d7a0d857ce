export { forecastOption, type ForecastInk } from './forecast-option';
